/** Engines that die, return, or are none: what is shown, and that containers outlive it all. */
import { createServer } from 'node:net'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { findDaemon } from '../../engine/providers/native/find.ts'
import { fetchPage } from '../support/native.ts'
import { canRunDockerd, canRunPodman, startDockerd, startPodman } from '../support/real-engine.ts'
import type { RealEngine } from '../support/real-engine.ts'
import { dockerOf, WELCOME_ARCHIVE, WELCOME_IMAGE } from './support/daemon.ts'
import { askEngine, enginePaths, engineSocket, whyNoEngine } from './support/engine.ts'
import { test as onFake } from './support/fake.ts'
import { expect, test } from './support/naru.ts'
import { open, row } from './support/parts.ts'

interface Inspected {
  readonly State: { readonly Pid: number }
}

const badge = (page: Page) => page.getByRole('complementary').getByRole('link', { name: /ready|unreachable|starting|stopped|failed|Looking/ })
const processOf = async (socket: string, name: string): Promise<number> => (await askEngine<Inspected>(socket, `/containers/${name}/json`)).State.Pid

test.describe('the embedded engine', () => {
  test.use({ worldOptions: { engine: 'native' } })
  test.skip(whyNoEngine() !== null, whyNoEngine() ?? '')

  test('killed, it is started again by itself and its containers never stopped', async ({ page, world }) => {
    test.setTimeout(120_000)
    await page.getByRole('button', { name: 'Run the welcome container' }).click({ timeout: 60_000 })
    const link = page.getByRole('link', { name: /^Open http:/ })
    const port = Number(new URL((await link.getAttribute('href', { timeout: 60_000 })) ?? '').port)
    const socket = engineSocket(world)
    const before = await processOf(socket, 'naru-welcome')
    await open(page, 'Containers')
    const daemon = await findDaemon(enginePaths(world))
    if (!daemon) throw new Error('the daemon does not run')
    process.kill(daemon.pid, 'SIGKILL')
    const alive = (): Promise<number> => findDaemon(enginePaths(world)).then((found) => found?.pid ?? daemon.pid)
    await expect.poll(alive, { timeout: 30_000 }).not.toBe(daemon.pid)
    await expect(row(page, 'naru-welcome')).toBeVisible()
    await expect(badge(page)).toContainText('ready', { timeout: 60_000 })
    await expect(row(page, 'naru-welcome')).toContainText('Up')
    expect(await processOf(socket, 'naru-welcome')).toBe(before)
    await expect.poll(async () => (await fetchPage('127.0.0.1', port)).status).toBe(200)
    await page.getByRole('button', { name: 'Stop naru-welcome' }).first().click()
    await expect(row(page, 'naru-welcome')).toContainText('Exited (0)')
  })
})

const withDockerd = test.extend<{ dockerd: RealEngine }>({
  dockerd: async ({ playwright: _playwright }, use) => {
    const engine = await startDockerd()
    await use(engine)
    await engine.close()
  },
  worldOptions: async ({ dockerd }, use) => use({ sockets: [dockerd.socketPath] }),
})

withDockerd.describe('an engine of somebody else', () => {
  withDockerd.skip(!canRunDockerd, 'dockerd cannot run here')

  withDockerd('killed, it is unreachable with its cause and its rows stay, greyed; it returns by itself', async ({ page, dockerd }) => {
    withDockerd.setTimeout(120_000)
    const docker = dockerOf(dockerd.socketPath)
    await docker('load', '-i', WELCOME_ARCHIVE)
    await docker('run', '-d', '--name', 'lasting', WELCOME_IMAGE)
    const before = await processOf(dockerd.socketPath, 'lasting')
    await open(page, 'Containers')
    await expect(row(page, 'lasting')).toContainText('Up')

    await dockerd.kill()
    await expect(badge(page)).toContainText('unreachable')
    const notice = page.getByRole('alert').filter({ hasText: 'unreachable' })
    await expect(notice).toContainText(`The engine behind ${dockerd.socketPath} is not running.`)
    await expect(notice.getByRole('button', { name: 'Try again' })).toBeVisible()
    await expect(row(page, 'lasting')).toBeVisible()
    await expect(row(page, 'lasting').getByRole('button', { name: 'Stop lasting' })).toBeDisabled()

    await dockerd.restart()
    await expect(badge(page)).toContainText('ready', { timeout: 30_000 })
    await expect(notice).toBeHidden()
    await expect(row(page, 'lasting').getByRole('button', { name: 'Stop lasting' })).toBeEnabled()
    expect(await processOf(dockerd.socketPath, 'lasting')).toBe(before)
    await docker('rm', '-f', 'lasting')
    await expect(page.getByRole('heading', { name: 'No containers yet' })).toBeVisible()
  })
})

onFake.describe('engines by path', () => {
  onFake.use({ fakeOptions: { containers: 3, images: 1 } })

  async function add(page: Page, path: string): Promise<void> {
    const dialog = page.getByRole('dialog', { name: 'Add an engine by its socket' })
    await dialog.getByRole('textbox', { name: 'Path of the socket' }).fill(path)
    await dialog.getByRole('button', { name: 'Add', exact: true }).click()
  }

  onFake('what is no engine is refused with its reason, and the engine in use stays', async ({ page, world }) => {
    const stranger = createServer((socket) => socket.end('HTTP/1.1 404 Not Found\r\ncontent-type: text/html\r\ncontent-length: 9\r\n\r\nIt works!'))
    const path = join(world.home, '..', 'stranger.sock')
    await new Promise<void>((resolve) => stranger.listen(path, resolve))
    try {
      await open(page, 'Engines')
      const cards = page.getByRole('article')
      const names = async () => (await cards.getByRole('heading', { level: 2 }).allInnerTexts()).sort()
      await expect(cards.filter({ hasText: 'in use' })).toHaveCount(1)
      const before = await names()
      await page.getByRole('button', { name: 'Add socket…' }).click()
      const problem = page.getByRole('dialog').getByRole('alert')
      await add(page, path)
      await expect(problem).toContainText('it is not a container engine')
      await add(page, '/nowhere/engine.sock')
      await expect(problem).toContainText('There is no socket at /nowhere/engine.sock')
      await add(page, '/etc/hostname')
      await expect(problem).toContainText('/etc/hostname is not a socket')
      await add(page, 'engine.sock')
      await expect(problem).toContainText('begins with a slash')
      await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click()
      await expect(badge(page)).toContainText('ready')
      await expect.poll(names).toEqual(before)
    } finally {
      stranger.close()
    }
  })

  onFake('another engine is added, used, and left again; each shows its own containers', async ({ page }) => {
    onFake.skip(!canRunPodman, 'podman cannot run here')
    onFake.setTimeout(120_000)
    const podman = await startPodman()
    try {
      await open(page, 'Engines')
      await page.getByRole('button', { name: 'Add socket…' }).click()
      await add(page, podman.socketPath)
      const card = page.getByRole('article').filter({ hasText: 'Podman' })
      await card.getByRole('button', { name: 'Use this engine' }).click()
      await expect(badge(page)).toContainText(/Podman Engine \d/)
      await open(page, 'Containers')
      await expect(page.getByRole('heading', { name: 'No containers yet' })).toBeVisible()
      await open(page, 'Engines')
      await page.getByRole('article').filter({ hasText: /Moby|Docker/ }).getByRole('button', { name: 'Use this engine' }).click()
      await open(page, 'Containers')
      await expect(row(page, 'fake_1')).toBeVisible()
      await open(page, 'Engines')
      await card.getByRole('button', { name: 'Forget' }).click()
      await expect(card).toBeHidden()
    } finally {
      await podman.close()
    }
  })

  onFake('an engine that falls silent is told as such, and heals', async ({ page, fake }) => {
    await open(page, 'Containers')
    await expect(row(page, 'fake_1')).toBeVisible()
    await fake.crash()
    await expect(badge(page)).toContainText('unreachable', { timeout: 20_000 })
    await expect(row(page, 'fake_1')).toBeVisible()
    await fake.listen()
    await expect(badge(page)).toContainText('ready', { timeout: 20_000 })
  })
})
