/**
 * The main job on the virtual machine: the welcome image is run, its page and log are seen, a noisy log loses nothing, and
 * all of it is taken away again. One boot, in one shell: what differs between shells is no machine's.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { vmPaths } from '../../engine/providers/vm/paths.ts'
import { findMachine } from '../../engine/providers/vm/record.ts'
import { endMachine } from '../../engine/providers/vm/stop.ts'
import { fetchPage } from '../support/native.ts'
import { prepareVmImage, whyNoVm } from '../support/vm.ts'
import { dockerOf } from './support/daemon.ts'
import { expect as plain, test as base } from './support/naru.ts'
import { choose, list, logLines, open, row, runPanel } from './support/parts.ts'

/** Everything inside is emulated, on a machine that may be busy with other things: limits are for what hangs. */
const BOOT_MS = 400_000
const SLOW_MS = 120_000
const expect = plain.configure({ timeout: SLOW_MS })
const LINES = 30_000
const NOISE = `seq 1 ${LINES} | sed 's/$/ the quick brown fox jumps over the lazy dog/'; sleep 5`

const test = base.extend({
  world: async ({ world }, use) => {
    mkdirSync(world.home, { recursive: true, mode: 0o700 })
    writeFileSync(join(world.home, 'settings.json'), JSON.stringify({ engine: 'vm', vm: { softwareOnly: true, folders: [] } }))
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

/** The image's row of the list; it has no name of its own to be found by. */
const welcome = (page: Page) => list(page, 'Images').getByRole('row').filter({ hasText: 'naru/welcome' })

test('an image is run, answers, is read, tidied away; a noisy log loses nothing', async ({ page, world }) => {
  test.setTimeout(BOOT_MS + 10 * SLOW_MS)
  await expect(page.getByRole('link', { name: /Virtual machine/ })).toContainText('ready', { timeout: BOOT_MS })

  await open(page, 'Images')
  await expect(welcome(page)).toBeVisible()
  await welcome(page).getByRole('button', { name: /^Run/ }).first().click()
  const panel = runPanel(page)
  await panel.getByRole('textbox', { name: 'Name', exact: false }).first().fill('shop')
  const port = panel.getByRole('textbox', { name: 'Host port' })
  await expect(panel.getByRole('textbox', { name: 'Container port' })).toHaveValue('80')
  await port.fill('18481')
  await panel.getByRole('button', { name: 'Volume', exact: true }).click()
  await panel.getByRole('textbox', { name: 'Folder or volume name' }).fill('shop-data')
  await panel.getByRole('textbox', { name: 'Path in the container' }).fill('/data')
  await panel.getByRole('button', { name: /^Run(?! attached)/ }).click()
  await expect(panel).toBeHidden()
  await open(page, 'Containers')
  await expect(row(page, 'shop')).toContainText('Up')
  await expect.poll(async () => (await fetchPage('127.0.0.1', 18_481)).status).toBe(200)
  await expect(row(page, 'shop').getByRole('link')).toHaveAttribute('href', 'http://127.0.0.1:18481')
  await choose(page, 'shop', 'Show logs')
  await expect(logLines(page, 'shop')).toContainText('listening on port 80')
  await expect(logLines(page, 'shop')).toContainText('response:200')

  await page.getByRole('button', { name: 'Stop shop' }).first().click()
  await expect(row(page, 'shop')).toContainText('Exited (0)')
  expect((await fetchPage('127.0.0.1', 18_481)).status).toBe(0)
  await choose(page, 'shop', 'Remove…')
  await page.getByRole('dialog').getByRole('button', { name: 'Remove', exact: true }).click()
  await expect(row(page, 'shop')).toBeHidden()

  const docker = dockerOf(vmPaths(join(world.home, 'vm')).socket)
  await docker('run', '-d', '--name', 'noisy', '--network', 'none', 'naru/welcome:latest', 'sh', '-c', NOISE)
  await choose(page, 'noisy', 'Show logs')
  const pane = page.getByRole('region', { name: 'Log of noisy' })
  await expect(logLines(page, 'noisy')).toContainText(`${LINES} the quick`)
  await expect(pane.getByText('Container is not running')).toBeVisible()
  // How many lines there were when the log was opened, the machine's speed decides.
  await pane.getByRole('button', { name: 'Load everything the engine has' }).click()
  await expect(pane.getByText(/^30,000 lines/)).toBeVisible()
  await expect(pane.getByText(/lines are missing here/)).toHaveCount(0)
})
