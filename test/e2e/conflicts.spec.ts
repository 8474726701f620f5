/** A taken name or port is told at its field, before and after the form is sent, with the one who holds it. */
import { createServer } from 'node:net'
import type { AddressInfo, Server } from 'node:net'
import { choose, open, row, runPanel } from './support/parts.ts'
import { test as onFake } from './support/fake.ts'
import { expect, test } from './support/workbench.ts'

/** Listens on a loopback port in this process; 0 = any. */
async function hold(port = 0): Promise<{ port: number; server: Server }> {
  const server = createServer()
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve))
  return { port: (server.address() as AddressInfo).port, server }
}

async function freePort(): Promise<number> {
  const { port, server } = await hold()
  await new Promise((resolve) => server.close(resolve))
  return port
}

test.beforeEach(async ({ page }) => {
  await open(page, 'Containers')
})

test('before it is sent: the field names who holds the name and the port, and offers the nearest free one', async ({ page, daemon }) => {
  const port = await freePort()
  await daemon.start('holder', undefined, { hostPort: port })
  await expect(row(page, 'holder')).toContainText('Up')
  await page.getByRole('button', { name: /^Run…/ }).click()
  const panel = runPanel(page)
  await panel.getByRole('combobox', { name: 'Image' }).fill('naru/welcome')
  await panel.getByRole('textbox', { name: 'Name', exact: false }).first().fill('holder')
  await expect(panel.getByRole('alert').filter({ hasText: 'holder is the name of another container' })).toBeVisible()
  await panel.getByRole('textbox', { name: 'Host port' }).fill(String(port))
  const taken = panel.getByRole('alert').filter({ hasText: `Port ${port} is held by the container holder` })
  await expect(taken).toBeVisible()
  const submit = panel.getByRole('button', { name: /^Run(?! attached)/ })
  await expect(submit).toBeDisabled()
  await taken.getByRole('button', { name: /^Use \d+$/ }).click()
  await expect(taken).toBeHidden()
  await panel.getByRole('textbox', { name: 'Name', exact: false }).first().fill('second')
  await expect(submit).toBeEnabled()
  await submit.click()
  await expect(row(page, 'second')).toContainText('Up')
})

test('after it was sent: a program that took the port meanwhile is named, and nothing of the form is lost', async ({ page }) => {
  await page.getByRole('button', { name: /^Run…/ }).click()
  const panel = runPanel(page)
  const port = await freePort()
  await panel.getByRole('combobox', { name: 'Image' }).fill('naru/welcome')
  await panel.getByRole('textbox', { name: 'Name', exact: false }).first().fill('late')
  await panel.getByRole('textbox', { name: 'Host port' }).fill(String(port))
  // Of the name and of the port.
  await expect(panel.getByText('Free', { exact: true })).toHaveCount(2)
  const { server } = await hold(port)
  try {
    await panel.getByRole('button', { name: /^Run(?! attached)/ }).click()
    await expect(panel.getByText(`Port ${port} is taken by`).first()).toBeVisible()
    await expect(panel.getByText(/taken by \S*node/).first()).toBeVisible()
    await expect(panel.getByRole('textbox', { name: 'Host port' })).toHaveValue(String(port))
    await expect(panel.getByRole('textbox', { name: 'Name', exact: false }).first()).toHaveValue('late')
  } finally {
    server.close()
  }
  await panel.getByRole('button', { name: 'Cancel' }).click()
  await expect(page.getByRole('heading', { name: 'No containers yet' })).toBeVisible()
})

test('a port out of range and an invalid reference are refused at their fields', async ({ page }) => {
  await page.getByRole('button', { name: /^Run…/ }).click()
  const panel = runPanel(page)
  await panel.getByRole('combobox', { name: 'Image' }).fill('naru/welcome')
  await panel.getByRole('textbox', { name: 'Host port' }).fill('70000')
  await panel.getByRole('textbox', { name: 'Container port' }).focus()
  await panel.getByRole('combobox', { name: 'Image' }).focus()
  await expect(panel.getByRole('alert').filter({ hasText: '“70000” is not a port' })).toBeVisible()
  await panel.getByRole('textbox', { name: 'Host port' }).fill('')
  await panel.getByRole('combobox', { name: 'Image' }).fill('Not/An Image')
  await panel.getByRole('textbox', { name: 'Name', exact: false }).first().focus()
  await expect(panel.getByRole('alert').filter({ hasText: '“Not/An Image” is not an image name' })).toBeVisible()
  await expect(panel.getByRole('button', { name: /^(Pull and run|Run(?! attached))/ })).toBeDisabled()
})

test('a rename to a taken name names who has it; to a free one it is done', async ({ page, daemon }) => {
  await daemon.start('one', undefined, { created: true })
  await daemon.start('two', undefined, { created: true })
  await choose(page, 'two', 'Rename…')
  const dialog = page.getByRole('dialog', { name: 'Rename two' })
  const field = dialog.getByRole('textbox', { name: 'New name' })
  await field.fill('one')
  await expect(dialog.getByRole('alert')).toContainText('one is the name of another container.')
  await expect(dialog.getByRole('button', { name: 'Rename' })).toBeDisabled()
  await field.fill('three')
  await dialog.getByRole('button', { name: 'Rename' }).click()
  await expect(row(page, 'three')).toBeVisible()
  await expect(row(page, 'two')).toBeHidden()
})

onFake.describe('when the engine knows more than Naru', () => {
  onFake('after it was sent: a name taken meanwhile is told at its field', async ({ page, fake }) => {
    const [image] = [...fake.world.images.values()]
    const reference = image?.tags[0] ?? ''
    await open(page, 'Containers')
    await page.getByRole('button', { name: /^Run…/ }).click()
    const panel = runPanel(page)
    await panel.getByRole('combobox', { name: 'Image' }).fill(reference)
    const name = panel.getByRole('textbox', { name: 'Name', exact: false }).first()
    await name.fill('wanted')
    // Nobody hears of this one, as when it is made in the very moment before the form is sent.
    fake.faults.dropEvents = 1
    fake.world.create('wanted', reference)
    await panel.getByRole('button', { name: /^Run(?! attached)/ }).click()
    await expect(panel.getByText(/The name wanted is taken by/).first()).toBeVisible()
    await expect(name).toHaveAttribute('aria-invalid', 'true')
    await expect(name).toHaveValue('wanted')
  })
})
