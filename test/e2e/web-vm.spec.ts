/** The virtual machine in the window, from the click that starts it to the one that stops it. One boot, in emulation: one shell has to do. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { vmPaths } from '../../engine/providers/vm/paths.ts'
import { findMachine } from '../../engine/providers/vm/record.ts'
import { endMachine } from '../../engine/providers/vm/stop.ts'
import { fetchPage } from '../support/native.ts'
import { prepareVmImage, whyNoVm } from '../support/vm.ts'
import { expect, test as base } from './support/naru.ts'
import { logLines, open, row } from './support/parts.ts'

/** Everything inside is emulated, on a machine that may be busy with other things: limits are for what hangs. */
const BOOT_MS = 400_000
const SLOW_MS = 120_000

const test = base.extend({
  world: async ({ world }, use) => {
    // Nothing starts by itself: another engine is the choice, and that one is not here. Hardware may hang where tests run.
    mkdirSync(world.home, { recursive: true, mode: 0o700 })
    writeFileSync(join(world.home, 'settings.json'), JSON.stringify({ engine: 'native', vm: { softwareOnly: true, folders: [] } }))
    await use(world)
    const paths = vmPaths(join(world.home, 'vm'))
    const machine = await findMachine(paths)
    if (machine) await endMachine({ paths, process: machine.process, graceMs: 0 })
  },
})

test.use({ worldOptions: { engine: 'vm' } })
test.skip(whyNoVm() !== null, whyNoVm() ?? '')
test.beforeAll(async () => {
  test.setTimeout(900_000)
  await prepareVmImage()
})

test('is started by a click, says that it is emulated, runs a container whose page opens, and stops', async ({ page }) => {
  test.setTimeout(BOOT_MS + 5 * SLOW_MS)
  await open(page, 'Engines')
  const card = page.getByRole('article', { name: 'Virtual machine' })
  await expect(card).toContainText('stopped')
  await expect(page.getByRole('article', { name: 'Embedded engine' })).toContainText('not available')
  await expect(card).toContainText('Software emulation: slower')
  await expect(card).toContainText('Hardware acceleration is switched off')

  await card.getByRole('button', { name: 'Use this engine' }).click()
  const steps = card.getByRole('list', { name: 'Steps of the start' })
  await expect(steps.getByRole('listitem')).toHaveText([/Checking the virtual machine’s files/, /Starting the virtual machine/, /Waiting for the system inside/, /Waiting for its first answer/])
  await expect(steps.locator('[aria-current=step]')).toContainText(/at most \d/)
  await expect(card).toContainText('ready', { timeout: BOOT_MS })


  await open(page, 'Overview')
  await page.getByRole('button', { name: 'Run the welcome container' }).click()
  const link = page.getByRole('link', { name: /^Open http:/ })
  await expect(link).toBeVisible({ timeout: SLOW_MS })
  const address = new URL((await link.getAttribute('href')) ?? '')
  await expect.poll(async () => (await fetchPage(address.hostname, Number(address.port))).body, { timeout: SLOW_MS }).toContain('Naru')
  await page.getByRole('link', { name: 'See its logs' }).click()
  await expect(logLines(page, 'naru-welcome')).toContainText('Naru welcome: listening on port 80', { timeout: SLOW_MS })
  await expect(row(page, 'naru-welcome')).toContainText(/Up /)

  await open(page, 'Engines')
  await card.getByRole('button', { name: 'Settings…' }).click()
  const dialog = page.getByRole('dialog', { name: 'Settings of the virtual machine' })
  await dialog.getByLabel('Memory').fill('100')
  await expect(dialog.getByRole('button', { name: 'Save' })).toBeDisabled()
  await dialog.getByLabel('Memory').fill('768')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await expect(card).toContainText('Waits for a restart: memory.')

  await card.getByRole('button', { name: 'Stop…' }).click()
  const stop = page.getByRole('dialog', { name: 'Stop Virtual machine?' })
  await expect(stop).toContainText('Its containers stop with it')
  await stop.getByRole('button', { name: 'Stop engine' }).click()
  await expect(card).toContainText('stopped', { timeout: SLOW_MS })
  await expect(card).toContainText(/768 ?MiB/)
})
