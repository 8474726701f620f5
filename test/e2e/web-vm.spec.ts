/**
 * The virtual machine in the window: from the click that starts it over everything that is its own (emulation, ports,
 * shared folders, disk, nap, factory reset) to the one that stops it. Everything inside is emulated and a boot takes long,
 * so all of it is one journey of one machine, in one shell: what differs between shells is no machine's.
 */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Locator, Page } from '@playwright/test'
import { vmPaths } from '../../engine/providers/vm/paths.ts'
import { findMachine } from '../../engine/providers/vm/record.ts'
import { endMachine } from '../../engine/providers/vm/stop.ts'
import { fetchPage } from '../support/native.ts'
import { prepareVmImage, whyNoVm } from '../support/vm.ts'
import { WELCOME_IMAGE, dockerOf } from './support/daemon.ts'
import { expect as plain, test as base } from './support/naru.ts'
import { choose, list, logLines, notices, open, row, runPanel } from './support/parts.ts'

/** On a machine that may be busy with other things: limits are for what hangs. */
const BOOT_MS = 400_000
const SLOW_MS = 120_000
const expect = plain.configure({ timeout: SLOW_MS })
const LINES = 30_000
const NOISE = `seq 1 ${LINES} | sed 's/$/ the quick brown fox jumps over the lazy dog/'; sleep 5`

interface Outside {
  /** The docker command line against the machine's engine. */
  docker: (...args: string[]) => Promise<string>
  /** A folder of this computer that nothing shares, with a file `word` in it. */
  folder: string
}

const test = base.extend<Outside>({
  world: async ({ world }, use) => {
    // Nothing starts by itself: another engine is the choice, and that one is not here. Hardware may hang where tests run.
    mkdirSync(world.home, { recursive: true, mode: 0o700 })
    writeFileSync(join(world.home, 'settings.json'), JSON.stringify({ engine: 'native', vm: { softwareOnly: true, folders: [], napMinutes: 1 } }))
    await use(world)
    const paths = vmPaths(join(world.home, 'vm'))
    const machine = await findMachine(paths)
    if (machine) await endMachine({ paths, process: machine.process, graceMs: 0 })
  },
  docker: ({ world }, use) => use(dockerOf(vmPaths(join(world.home, 'vm')).socket)),
  folder: async ({ browserName: _any }, use) => {
    const folder = mkdtempSync(join(tmpdir(), 'naru-site-'))
    writeFileSync(join(folder, 'word'), 'shared at last')
    // As root Naru runs QEMU as a user of its own.
    chmodSync(folder, 0o755)
    await use(folder)
    rmSync(folder, { recursive: true, force: true })
  },
})

test.use({ worldOptions: { engine: 'vm' } })
test.skip(whyNoVm() !== null, whyNoVm() ?? '')
test.beforeAll(async () => {
  test.setTimeout(900_000)
  await prepareVmImage()
})

const cardOf = (page: Page): Locator => page.getByRole('article', { name: 'Virtual machine' })
/** The image's row of the list; it has no name of its own to be found by. */
const welcome = (page: Page): Locator => list(page, 'Images').getByRole('row').filter({ hasText: 'naru/welcome' })
const submitRun = (page: Page): Promise<void> => runPanel(page).getByRole('button', { name: /^Run(?! attached)/ }).click()

/** Opens the run panel for the welcome image and fills in what all runs here have. */
async function fillRun(page: Page, name: string, hostPort: string, volume: readonly [source: string, target: string]): Promise<void> {
  await open(page, 'Images')
  await welcome(page).getByRole('button', { name: /^Run/ }).first().click()
  const panel = runPanel(page)
  await panel.getByRole('textbox', { name: 'Name', exact: false }).first().fill(name)
  await expect(panel.getByRole('textbox', { name: 'Container port' })).toHaveValue('80')
  await panel.getByRole('textbox', { name: 'Host port' }).fill(hostPort)
  await panel.getByRole('button', { name: 'Volume', exact: true }).click()
  await panel.getByRole('textbox', { name: 'Folder or volume name' }).fill(volume[0])
  await panel.getByRole('textbox', { name: 'Path in the container' }).fill(volume[1])
}

/** Takes a port of this computer that leads to nothing. */
async function holdPort(): Promise<{ port: number; release: () => Promise<void> }> {
  const server = createServer((socket) => socket.destroy())
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve))
  return { port: (server.address() as AddressInfo).port, release: () => new Promise((resolve) => server.close(() => resolve())) }
}

async function remove(page: Page, name: string): Promise<void> {
  await choose(page, name, 'Remove…')
  await page.getByRole('dialog').getByRole('button', { name: 'Remove', exact: true }).click()
  await expect(row(page, name)).toBeHidden()
}

test('the life of the virtual machine', async ({ page, docker, folder }) => {
  test.setTimeout(3 * BOOT_MS + 10 * SLOW_MS)
  page.setDefaultTimeout(SLOW_MS)
  const card = cardOf(page)

  await test.step('is started by a click and says that it is emulated', async () => {
    await open(page, 'Engines')
    await expect(card).toContainText('stopped')
    await expect(page.getByRole('article', { name: 'Embedded engine' })).toContainText('not available')
    await expect(card).toContainText('Software emulation: slower')
    await expect(card).toContainText('Hardware acceleration is switched off')
    await card.getByRole('button', { name: 'Use this engine' }).click()
    const steps = card.getByRole('list', { name: 'Steps of the start' })
    await expect(steps.getByRole('listitem')).toHaveText([/Checking the virtual machine’s files/, /Starting the virtual machine/, /Starting Linux inside it/, /Waiting for the engine’s first answer/])
    await expect(steps.locator('[aria-current=step]')).toContainText(/gives up after \d/)
    await expect(card).toContainText('ready', { timeout: BOOT_MS })
  })

  await test.step('grows its disk while it runs', async () => {
    await expect(card.getByRole('img', { name: /^Disk: .*Size 64 ?GiB/ })).toBeVisible()
    await card.getByRole('button', { name: 'Grow…' }).click()
    const dialog = page.getByRole('dialog', { name: 'Grow the disk' })
    const grow = dialog.getByRole('button', { name: 'Grow', exact: true })
    for (const [typed, problem] of [['12', /More than 64/], ['many', /A whole number/], ['9000000', /At most/]] as const) {
      await dialog.getByLabel('New size').fill(typed)
      await expect(dialog).toContainText(problem)
      await expect(grow).toBeDisabled()
    }
    await dialog.getByLabel('New size').fill('66')
    await grow.click()
    await expect(dialog).toBeHidden()
    await expect(card.getByRole('img', { name: /^Disk: .*Size 66 ?GiB/ })).toBeVisible()
  })

  await test.step('runs the welcome container, whose page opens and whose log is read', async () => {
    await open(page, 'Overview')
    await page.getByRole('button', { name: 'Run the welcome container' }).click()
    const link = page.getByRole('link', { name: /^Open http:/ })
    await expect(link).toBeVisible()
    const address = new URL((await link.getAttribute('href')) ?? '')
    await expect.poll(async () => (await fetchPage(address.hostname, Number(address.port))).body).toContain('Naru')
    await page.getByRole('link', { name: 'See its logs' }).click()
    await expect(logLines(page, 'naru-welcome')).toContainText('Naru welcome: listening on port 80')
    await expect(row(page, 'naru-welcome')).toContainText(/Up /)
    await remove(page, 'naru-welcome')
  })

  await test.step('runs an image with a port and a volume, stops it and takes it away', async () => {
    await fillRun(page, 'shop', '18481', ['shop-data', '/data'])
    await submitRun(page)
    await expect(runPanel(page)).toBeHidden()
    await open(page, 'Containers')
    await expect(row(page, 'shop')).toContainText('Up')
    await expect.poll(async () => (await fetchPage('127.0.0.1', 18_481)).status).toBe(200)
    await expect(row(page, 'shop').getByRole('link')).toHaveAttribute('href', 'http://127.0.0.1:18481')
    await choose(page, 'shop', 'Show logs')
    await expect(logLines(page, 'shop')).toContainText('response:200')
    await page.getByRole('button', { name: 'Stop shop' }).first().click()
    await expect(row(page, 'shop')).toContainText('Exited (0)')
    expect((await fetchPage('127.0.0.1', 18_481)).status).toBe(0)
    await remove(page, 'shop')
  })

  await test.step('loses nothing of a noisy log', async () => {
    await docker('run', '-d', '--name', 'noisy', '--network', 'none', WELCOME_IMAGE, 'sh', '-c', NOISE)
    await choose(page, 'noisy', 'Show logs')
    const pane = page.getByRole('region', { name: 'Log of noisy' })
    await expect(logLines(page, 'noisy')).toContainText(`${LINES} the quick`)
    await expect(pane.getByText('Container is not running')).toBeVisible()
    // How many lines there were when the log was opened, the machine's speed decides.
    const older = pane.getByRole('button', { name: 'Load everything the engine has' })
    const whole = pane.getByText(/^30,000 lines/)
    await expect(older.or(whole).first()).toBeVisible()
    if (await older.isVisible()) await older.click()
    await expect(whole).toBeVisible()
    await expect(pane.getByText(/lines are missing here/)).toHaveCount(0)
    await remove(page, 'noisy')
  })

  await test.step('tells who has a port that a container publishes, and opens it when that one has gone', async () => {
    const { port, release } = await holdPort()
    try {
      await docker('run', '-d', '--name', 'late', '-p', `127.0.0.1:${port}:80`, WELCOME_IMAGE)
      await expect(row(page, 'late').locator(`[title*="not open"][title*="node"]`)).toBeVisible()
      await row(page, 'late').getByText('late', { exact: true }).click()
      await page.getByRole('tab', { name: /^Ports/ }).click()
      await expect(page.getByRole('tabpanel', { name: /^Ports/ })).toContainText(/not open.*held by .*node/)
      await expect(page.getByRole('button', { name: /^Run with \d+…$/ })).toBeVisible()
    } finally {
      await release()
    }
    await expect(row(page, 'late').getByRole('link')).toHaveAttribute('href', `http://127.0.0.1:${port}`)
    await expect(row(page, 'late').locator('[title*="not open"]')).toHaveCount(0)
    expect((await fetchPage('127.0.0.1', port)).status).toBe(200)
  })

  await test.step('says which settings wait for a restart', async () => {
    await open(page, 'Engines')
    await card.getByRole('button', { name: 'Settings…' }).click()
    const dialog = page.getByRole('dialog', { name: 'Settings of the virtual machine' })
    await dialog.getByLabel('Memory').fill('100')
    await expect(dialog.getByRole('button', { name: 'Save' })).toBeDisabled()
    await dialog.getByLabel('Memory').fill('768')
    await dialog.getByRole('button', { name: 'Save' }).click()
    await expect(card).toContainText('Waits for a restart: memory.')
  })

  await test.step('refuses a folder it does not see, shares it after a question, and then the same run works', async () => {
    await fillRun(page, 'site', '18483', [folder, '/site'])
    const panel = runPanel(page)
    await submitRun(page)
    await expect(panel.getByText(`The virtual machine does not see ${folder}.`).first()).toBeVisible()
    await panel.getByRole('button', { name: 'Share this folder…' }).click()
    const dialog = page.getByRole('dialog', { name: 'Share a folder with the virtual machine' })
    await expect(dialog).toContainText(folder)
    await expect(dialog).toContainText('The running container is stopped')
    await dialog.getByRole('radio', { name: /^Read only/ }).click()
    await dialog.getByRole('button', { name: 'Share and restart' }).click()
    await expect(dialog).toBeHidden({ timeout: BOOT_MS })
    await expect(notices(page)).toContainText(`The virtual machine sees ${folder} now.`)
    await expect(panel.getByRole('textbox', { name: 'Name', exact: false }).first()).toHaveValue('site')
    await expect(panel.getByRole('textbox', { name: 'Host port' })).toHaveValue('18483')
    await expect(panel.getByRole('textbox', { name: 'Folder or volume name' })).toHaveValue(folder)
    await submitRun(page)
    await expect(panel).toBeHidden()
    await open(page, 'Containers')
    await expect(row(page, 'site')).toContainText('Up')
    expect(await docker('exec', 'site', 'cat', '/site/word')).toBe('shared at last')
    await open(page, 'Engines')
    await expect(card).toContainText(`${folder} · read-only`)
    await expect(card).toContainText(/768 ?MiB/)
    await open(page, 'Containers')
    await remove(page, 'site')
  })

  await test.step('naps while nobody uses it, and wakes for a screen that asks', async () => {
    await open(page, 'Engines')
    await expect(card).toContainText('Paused, because nobody uses it.')
    await expect(card.getByText('napping', { exact: true })).toBeVisible()
    await open(page, 'Images')
    await welcome(page).getByText('naru/welcome').first().click()
    await expect(page.getByRole('link', { name: /Virtual machine/ })).toContainText('ready')
    await open(page, 'Engines')
    await expect(card).toContainText('ready')
  })

  await test.step('is emptied only after its name was typed, and starts again without what was in it', async () => {
    await card.getByRole('button', { name: 'Reset…' }).click()
    const dialog = page.getByRole('dialog', { name: 'Reset Virtual machine?' })
    const reset = dialog.getByRole('button', { name: 'Delete everything and reset' })
    await expect(dialog.getByRole('region', { name: 'This will be lost' })).toContainText(/1 container(?!s)/)
    await expect(dialog.getByRole('region', { name: 'This will be lost' })).toContainText('1 volume')
    for (const wrong of ['', 'virtual machine', 'Embedded engine']) {
      await dialog.getByRole('textbox').fill(wrong)
      await expect(reset).toBeDisabled()
      await dialog.getByRole('textbox').press('Enter')
    }
    await expect(dialog).toBeVisible()
    expect(await docker('ps', '--all', '--format', '{{.Names}}')).toBe('late')
    await dialog.getByRole('textbox').fill('Virtual machine')
    await reset.click()
    await expect(card).toContainText(/stopping|starting/)
    await expect(card).toContainText('ready', { timeout: BOOT_MS })
    await open(page, 'Containers')
    await expect(page.getByRole('heading', { name: 'No containers yet' })).toBeVisible()
    expect(await docker('volume', 'ls', '-q')).toBe('')
    await open(page, 'Engines')
    await expect(card.getByRole('img', { name: /^Disk: .*Size 64 ?GiB/ })).toBeVisible()
    await expect(card).toContainText(`${folder} · read-only`)
  })

  await test.step('stops when it is told to', async () => {
    await card.getByRole('button', { name: 'Stop…' }).click()
    const stop = page.getByRole('dialog', { name: 'Stop Virtual machine?' })
    await expect(stop).toContainText('No container is running')
    await stop.getByRole('button', { name: 'Stop engine' }).click()
    await expect(card).toContainText('stopped')
  })
})
