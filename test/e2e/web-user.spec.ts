/**
 * Naru without root: an account made for the test, the real web shell and a browser of that account, and each way to an engine
 * that a normal user has. The virtual machine's way is in test/real/vm-user.test.ts, which boots it.
 */
import { chmod, chown, readFile } from 'node:fs/promises'
import { test as base } from '@playwright/test'
import type { Page } from '@playwright/test'
import { exec } from '../../engine/system/exec.ts'
import { argumentsOf, listProcesses } from '../../engine/system/processes.ts'
import { fetchPage } from '../support/native.ts'
import { Impossible } from '../support/rootless/account.ts'
import { makeFurnishedAccount } from './support/account.ts'
import type { AccountShell, FurnishedAccount, Machine } from './support/account.ts'
import { findings } from './support/axe.ts'
import { startDaemon } from './support/daemon.ts'
import type { Daemon } from './support/daemon.ts'
import { whyNoEngine } from './support/engine.ts'
import { createCollector, expect } from './support/naru.ts'
import { choose, open, row, runPanel } from './support/parts.ts'

const GROUP = `narutest${process.pid}g`

interface Fixtures {
  account: FurnishedAccount
  daemon: Daemon
  /** Opens Naru; it is closed after the test. */
  start: (machine?: Machine) => Promise<AccountShell>
}

const test = base.extend<Fixtures>({
  account: async ({ browserName: _any }, use, info) => {
    const account = await makeFurnishedAccount({ subordinates: false }).catch((error: unknown) => {
      if (!(error instanceof Impossible)) throw error
      console.log(`skipped: Naru as a normal user (${error.message})`)
      return test.skip(true, error.message) as never
    })
    await use(account)
    const left = (await account.traces()).filter((line) => /dockerd|containerd|rootlesskit|slirp4netns|mount /.test(line))
    await account.remove()
    // After a failure nobody stopped it.
    if (info.errors.length === 0) expect(left, 'what Naru left running').toEqual([])
  },
  // An engine as distributions install it: of root, for a group.
  daemon: async ({ browserName: _any }, use) => {
    const daemon = await startDaemon()
    await exec('groupadd', [GROUP])
    try {
      const gid = Number((await readFile('/etc/group', 'utf8')).split('\n').find((line) => line.startsWith(`${GROUP}:`))?.split(':')[2])
      await chown(daemon.socketPath, 0, gid)
      await chmod(daemon.socketPath, 0o660)
      await use(daemon)
    } finally {
      await exec('groupdel', [GROUP])
      await daemon.close()
    }
  },
  start: async ({ account }, use) => {
    const faults = createCollector()
    const shells: AccountShell[] = []
    await use(async (machine) => {
      const shell = await account.open(faults.watch, machine)
      shells.push(shell)
      return shell
    })
    for (const shell of shells) await shell.close()
    expect(faults.all, 'policy violations and uncaught errors').toEqual([])
  },
})
test.skip(whyNoEngine() !== null, whyNoEngine() ?? '')

const badge = (page: Page, name: RegExp) => page.getByRole('link', { name })
const card = (page: Page, name: string) => page.getByRole('article', { name, exact: true })

/** Runs a command that Naru shows, as the administrator would. */
async function obey(page: Page, shown: RegExp): Promise<void> {
  const text = (await page.getByText(shown).first().textContent())?.trim() ?? ''
  const [sudo, program = '', ...args] = text.split(' ')
  expect(sudo).toBe('sudo')
  await exec(program, args)
}

/** True when every process that shows pages to this account is in a sandbox of the kernel's. */
async function areSandboxed(uid: number): Promise<boolean> {
  const found: boolean[] = []
  const own = await exec('readlink', ['/proc/self/ns/pid']).then(({ stdout }) => stdout)
  for (const pid of await listProcesses()) {
    const args = await argumentsOf(pid)
    if (!args.some((each) => each.includes('--type=renderer'))) continue
    const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
    if (!new RegExp(`^Uid:\\s+${uid}\\s`, 'm').test(status)) continue
    const space = await exec('readlink', [`/proc/${pid}/ns/pid`]).then(({ stdout }) => stdout)
    found.push(/^Seccomp:\s+2$/m.test(status) && space !== own && !args.join(' ').includes('--no-sandbox'))
  }
  return found.length > 0 && found.every(Boolean)
}

test('who can have no engine is told each step that changes it; one step later the engine without root does the whole job', async ({ account, daemon, start }) => {
  test.setTimeout(240_000)
  const { page } = await start({ socket: daemon.socketPath })
  // No right to the socket, no numbers for a user namespace, no files of a virtual machine.
  const main = page.getByRole('main')
  await expect(main.getByText(`sudo usermod -aG ${GROUP} ${account.name}`)).toBeVisible({ timeout: 30_000 })
  await expect(main.getByText('You may not open /var/run/docker.sock.')).toBeVisible()
  await expect(main.getByText(`A rootless engine needs number ranges for ${account.name} in /etc/subuid.`)).toBeVisible()
  await expect(main.getByText('The virtual machine’s files are not on this machine.')).toBeVisible()
  await expect(main).not.toContainText(/\bat \S+ \(|node:internal/)
  expect(await areSandboxed(account.uid)).toBe(true)

  await obey(page, /^sudo usermod --add-subuids/)
  await open(page, 'Engines')
  await page.getByRole('button', { name: 'Look again' }).click()
  await expect(badge(page, /Embedded engine/)).toContainText(/native · Moby \d+\.\d+.* · ready/, { timeout: 60_000 })
  await expect(card(page, 'Embedded engine')).toContainText('no engine that you may use runs on this machine. This one needs no root.')
  await expect(card(page, 'Embedded engine')).toContainText('no ports below 1024')
  await expect(card(page, 'Engine on this machine')).toContainText(`sudo usermod -aG ${GROUP} ${account.name}`)
  await expect(card(page, 'Virtual machine')).toContainText('The virtual machine’s files are not on this machine.')

  await open(page, 'Overview')
  await expect(main).toContainText('This one needs no root.')
  await page.getByRole('button', { name: 'Run the welcome container' }).click()
  const link = page.getByRole('link', { name: /^Open http:/ })
  await expect(link).toBeVisible({ timeout: 30_000 })
  const address = new URL((await link.getAttribute('href')) ?? '')
  expect((await fetchPage(address.hostname, Number(address.port))).status).toBe(200)

  await test.step('what it cannot do is said where it would be done', () => cannotDo(page))

  await row(page, 'naru-welcome').getByRole('button', { name: 'Stop naru-welcome' }).click()
  await expect(row(page, 'naru-welcome')).toContainText('Exited (0)')
  await choose(page, 'naru-welcome', 'Remove…')
  await page.getByRole('dialog', { name: 'Remove naru-welcome?' }).getByRole('button', { name: 'Remove', exact: true }).click()
  await expect(page.getByRole('heading', { name: 'No containers yet' })).toBeVisible()

  await open(page, 'Engines')
  await card(page, 'Embedded engine').getByRole('button', { name: 'Stop…' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Stop engine' }).click()
  await expect(badge(page, /Embedded engine/)).toContainText('stopped', { timeout: 30_000 })
})

/** Control groups of the first version cannot be handed to an account; of the second, its session would have to. */
async function cannotDo(page: Page): Promise<void> {
  await open(page, 'Containers')
  await row(page, 'naru-welcome').getByRole('button', { name: 'More actions for naru-welcome' }).click()
  const pause = page.getByRole('menuitem', { name: /^Pause/ })
  await expect(pause).toBeDisabled()
  await expect(pause).toContainText('This engine cannot pause: it has no control groups.')
  await page.keyboard.press('Escape')

  await choose(page, 'naru-welcome', 'Change limits…')
  const limits = page.getByRole('dialog', { name: 'Change limits of naru-welcome' })
  await expect(limits).toContainText('cannot enforce limits')
  await expect(limits.getByLabel('Memory')).toHaveCount(0)
  await page.keyboard.press('Escape')

  await page.keyboard.press('r')
  const panel = runPanel(page)
  const line = panel.getByRole('textbox', { name: 'Command line' })
  await line.fill('docker run -d -p 80:80 -m 64m naru/welcome:latest')
  await expect(panel).toContainText('A rootless engine may not use ports below 1024.')
  await expect(panel).toContainText('--memory will do nothing: this engine has no control groups.')
  await expect(panel.getByRole('button', { name: /^Run(?! attached)/ })).toBeDisabled()
  await panel.getByText('Limits', { exact: true }).click()
  await expect(panel.getByRole('textbox', { name: /--cpus$/ })).toBeDisabled()
  await expect(panel.getByText('so it would take these limits and do nothing about them')).toBeVisible()
  await panel.getByRole('button', { name: 'Cancel' }).click()
}

test('an engine that runs already and that the account’s group may use comes first', async ({ account, daemon, start }) => {
  test.setTimeout(120_000)
  await exec('usermod', ['-aG', GROUP, account.name])
  const { page } = await start({ socket: daemon.socketPath })
  await expect(badge(page, /Engine on this machine/)).toContainText(/socket · .* · ready/, { timeout: 30_000 })
  await open(page, 'Engines')
  await expect(card(page, 'Engine on this machine')).toContainText('In use because it runs on this machine already and you may use it.')
  await expect(card(page, 'Embedded engine')).toContainText('sudo usermod --add-subuids')
  await daemon.start('seen')
  await open(page, 'Containers')
  await expect(row(page, 'seen')).toBeVisible()
})

test('on a machine without anything the window says what to install, by which command', async ({ start }) => {
  const { page } = await start({ without: 'newuidmap' })
  const main = page.getByRole('main')
  await expect(main.getByRole('heading', { name: 'No engine found' })).toBeVisible({ timeout: 30_000 })
  await expect(main).toContainText('One of these steps is enough.')
  await expect(main).toContainText('The program newuidmap is missing.')
  await expect(main.getByText('sudo apt-get install uidmap', { exact: true })).toBeVisible()
  await expect(main).toContainText('The virtual machine’s files are not on this machine.')
  await expect(main).not.toContainText(/\bat \S+ \(|node:internal/)
  expect(await findings(page)).toEqual([])
})
