/** The engine room's process, or the page's, dies under an open window. */
import { readFile } from 'node:fs/promises'
import { argumentsOf, listProcesses } from '../../engine/system/processes.ts'
import type { World } from './support/environment.ts'
import { expect, test } from './support/fake.ts'
import { open, row } from './support/parts.ts'

test.use({ fakeOptions: { containers: 3, images: 1 } })

/** Process id of the engine room of this world. */
async function engineRoom(world: World): Promise<number> {
  for (const pid of await listProcesses()) {
    const environment = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '')
    if (!environment.includes(`NARU_HOME=${world.home}\0`)) continue
    if (/engine-process|node\.mojom\.NodeService/.test((await argumentsOf(pid)).join(' '))) return pid
  }
  throw new Error('there is no engine room')
}

test('killed, it is started again and the page goes on with what the engine holds', async ({ page, world, fake }) => {
  await open(page, 'Containers')
  await expect(row(page, 'fake_1')).toBeVisible()
  const before = await engineRoom(world)
  process.kill(before, 'SIGKILL')
  fake.world.create('made-meanwhile', 'fake/image0:latest')
  await expect(row(page, 'made-meanwhile')).toBeVisible({ timeout: 20_000 })
  await expect(page.getByText('Reconnecting to the engine room…')).toBeHidden()
  expect(await engineRoom(world)).not.toBe(before)
  await row(page, 'made-meanwhile').getByRole('button', { name: 'Start made-meanwhile', exact: true }).click()
  await expect(row(page, 'made-meanwhile')).toContainText('Up')
})

test('a page whose process dies is loaded again by itself, on its screen and with its rows', async ({ page, naru, fake }) => {
  await open(page, 'Containers')
  await expect(row(page, 'fake_1')).toBeVisible()
  fake.world.create('made-meanwhile', 'fake/image0:latest')
  await expect(row(page, 'made-meanwhile')).toBeVisible()
  // The page object is of no use once its page has crashed: the shell is asked what its window shows.
  const shown = (): Promise<string> =>
    naru.electron?.evaluate(async ({ BrowserWindow }) => {
      const [window] = BrowserWindow.getAllWindows()
      return (await window?.webContents.executeJavaScript('document.querySelector("main")?.innerText ?? ""')) as string
    }).catch(() => '') ?? Promise.resolve('')
  const crashed = new Promise((resolve) => page.once('crash', resolve))
  await Promise.all([crashed, page.goto('chrome://crash').catch(() => undefined)])
  const gone = performance.now()
  fake.world.create('made-after', 'fake/image0:latest')
  await expect.poll(shown, { timeout: 5_000 }).toContain('made-after')
  console.log(`page crashed to the truth: ${Math.round(performance.now() - gone)} ms`)
  expect(await shown()).toContain('fake_1')
})

test('killed under a half filled form: what was typed stays, and the form works afterwards', async ({ page, world, fake }) => {
  await open(page, 'Images')
  await page.getByRole('button', { name: 'Pull…' }).first().click()
  const dialog = page.getByRole('dialog', { name: 'Pull an image' })
  const typed = dialog.getByRole('textbox', { name: 'Image' })
  await typed.fill('half/typed:na')
  const before = await engineRoom(world)
  process.kill(before, 'SIGKILL')
  await expect.poll(() => engineRoom(world).catch(() => before), { timeout: 10_000 }).not.toBe(before)
  await expect(typed).toHaveValue('half/typed:na')
  await expect(async () => {
    await dialog.getByRole('button', { name: 'Pull', exact: true }).click()
    await expect(dialog.getByRole('article', { name: 'Pull of half/typed:na' }).first()).toBeVisible({ timeout: 1_000 })
  }).toPass({ timeout: 10_000 })
  expect(fake.requests.filter((request) => request.includes('/images/create'))).toHaveLength(1)
})
