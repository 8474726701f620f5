/** The Ports screen: containers and other programs, a clash before it happens, and the way around it. */
import { listen } from '../support/listening.ts'
import type { ListeningProgram } from '../support/listening.ts'
import { findings } from './support/axe.ts'
import { list, open, row, runPanel } from './support/parts.ts'
import { expect, test } from './support/workbench.ts'

const programs: ListeningProgram[] = []
test.afterEach(async () => {
  await Promise.all(programs.splice(0).map((program) => program.close()))
})
async function program(...args: Parameters<typeof listen>): Promise<ListeningProgram> {
  const started = await listen(...args)
  programs.push(started)
  return started
}
/** A port of this machine nobody listens on now. */
async function freePort(): Promise<number> {
  const { port } = await program('tcp', '127.0.0.1')
  await programs.pop()?.close()
  return port
}

test('lists what a container publishes and what other programs hold, and is narrowed to either', async ({ page, daemon }) => {
  const [published, held, everywhere] = [await freePort(), await program('tcp', '127.0.0.1'), await program('udp', '0.0.0.0')]
  await daemon.start('shown', ['httpd', '-f', '-p', '80'], { hostPort: published })
  await open(page, 'Ports')
  const table = list(page, 'Ports')
  const filter = page.getByRole('searchbox', { name: 'Filter ports' }).or(page.getByRole('textbox', { name: 'Filter ports' }))
  const only = (name: RegExp) => page.getByRole('group', { name: 'Only some of them' }).getByRole('button', { name })

  await expect(row(page, 'shown')).toContainText(String(published))
  await expect(row(page, 'shown')).toContainText('This computer only')
  await filter.fill(`pid ${held.pid}`)
  const mine = table.getByRole('row').filter({ hasText: `pid ${held.pid}` })
  await expect(mine).toContainText(`${held.port}`)
  await expect(mine).toContainText('node')
  await expect(mine).toContainText('listening')
  await expect(row(page, 'shown')).toBeHidden()

  await filter.fill(String(everywhere.port))
  await only(/^Exposed/).click()
  await expect(table.getByRole('row').filter({ hasText: `pid ${everywhere.pid}` })).toContainText('Everyone in the network')
  await filter.fill('')
  await only(/^Exposed/).click()
  await only(/^Containers/).click()
  await expect(row(page, 'shown')).toBeVisible()
  await expect(mine).toBeHidden()
  await only(/^Containers/).click()

  // Live: a program that goes is gone from the list without a hand.
  await filter.fill(`pid ${held.pid}`)
  await expect(mine).toBeVisible()
  await programs.find(({ pid }) => pid === held.pid)?.close()
  programs.splice(programs.findIndex(({ pid }) => pid === held.pid), 1)
  await expect(mine).toBeHidden()
  expect(await findings(page)).toEqual([])
})

test('a port taken by a program is told before the container is started, and another one is one click away', async ({ page, daemon }) => {
  const { port, pid } = await program('tcp', '127.0.0.1')
  await daemon.start('blocked', ['httpd', '-f', '-p', '80'], { hostPort: port, created: true })
  await open(page, 'Ports')
  const blocked = row(page, 'blocked')
  await expect(blocked).toContainText(`will not start: held by node (pid ${pid})`)
  await expect(page.getByRole('button', { name: /^Conflicts/ })).toBeVisible()
  expect(await findings(page)).toEqual([])

  await blocked.getByRole('button', { name: /^Run with \d+…$/ }).click()
  const panel = runPanel(page)
  await expect(panel.getByRole('note')).toContainText('Like blocked')
  const other = await panel.getByRole('textbox', { name: 'Host port' }).inputValue()
  expect(Number(other)).toBeGreaterThan(port)
  await expect(panel.getByRole('textbox', { name: 'Container port' })).toHaveValue('80')
  await panel.getByRole('textbox', { name: 'Name', exact: false }).first().fill('around')
  await panel.getByRole('button', { name: /^Run(?! attached)/ }).click()
  await expect(row(page, 'around')).toContainText(`${other}→80`)
  await open(page, 'Ports')
  await expect(row(page, 'around')).toContainText(other)
  await expect(row(page, 'around')).toContainText('reachable')
  await expect(row(page, 'blocked')).toContainText('will not start')
})

test('the clash is in the details of the container as well, and ends with its cause', async ({ page, daemon }) => {
  const { port, pid } = await program('tcp', '127.0.0.1')
  await daemon.start('waiting', undefined, { hostPort: port, created: true })
  await open(page, 'Containers')
  await row(page, 'waiting').click()
  await page.getByRole('tab', { name: 'Ports' }).click()
  const told = page.getByText(`held by node (pid ${pid})`)
  await expect(told).toBeVisible()
  await programs.splice(0)[0]?.close()
  await expect(told).toBeHidden()
})

test('in the run panel a range is checked as a whole, and what frees a port frees the form', async ({ page }) => {
  const { port, pid } = await program('tcp', '127.0.0.1')
  await open(page, 'Containers')
  await page.getByRole('button', { name: /^Run…/ }).click()
  const panel = runPanel(page)
  await panel.getByRole('combobox', { name: 'Image' }).fill('naru/welcome')
  await panel.getByRole('textbox', { name: 'Container port' }).fill('80-81')
  await panel.getByRole('textbox', { name: 'Host port' }).fill(`${port}-${port + 1}`)
  const taken = panel.getByRole('alert').filter({ hasText: `Port ${port} is held by node (pid ${pid})` })
  await expect(taken).toBeVisible()
  await expect(panel.getByRole('button', { name: /^Run(?! attached)/ })).toBeDisabled()
  await taken.getByRole('button', { name: /^Use \d+–\d+$/ }).click()
  await expect(taken).toBeHidden()
  await expect(panel.getByRole('textbox', { name: 'Host port' })).toHaveValue(/^\d+-\d+$/)

  await panel.getByRole('textbox', { name: 'Container port' }).fill('80')
  await panel.getByRole('textbox', { name: 'Host port' }).fill(String(port))
  await expect(taken).toBeVisible()
  await programs.splice(0)[0]?.close()
  await expect(taken).toBeHidden()
  await panel.getByRole('button', { name: 'Cancel' }).click()
})
