/**
 * For specs that need no engine or window of their own: one engine and one open Naru for all tests of a worker, brought
 * back to a known state before each test. A failed test ends its worker, so the next one begins with fresh ones.
 *
 *   import { test, expect } from './support/workbench.ts'
 *   test('…', async ({ page, daemon }) => …)        an empty engine (the welcome image only), Naru on its Overview
 */
import type { BrowserContext, Page } from '@playwright/test'
import { expect } from '@playwright/test'
import { startDaemon } from './daemon.ts'
import type { Daemon } from './daemon.ts'
import { makeWorld } from './environment.ts'
import { createCollector, test as base } from './naru.ts'
import { startShell } from './shells.ts'
import type { Shell, ShellName } from './shells.ts'

export { expect } from '@playwright/test'

interface Bench {
  readonly shell: Shell
  readonly collector: ReturnType<typeof createCollector>
}

interface WorkerFixtures {
  daemon: Daemon
  bench: Bench
}

const MINUTE = 60_000
/** A click that cannot be done for so long will not be done, ms. */
const ACTION_LIMIT = 20_000

/** Shows a screen by its address, as a link would. */
export async function goTo(page: Page, path: string): Promise<void> {
  await page.evaluate((hash) => {
    location.hash = hash
  }, `#/${path}`)
}

/** Forgets what the page remembers and opens it anew on the Overview, in one window. */
async function freshPage({ shell }: Bench): Promise<Page> {
  const { page, context } = shell
  for (const other of context.pages()) if (other !== page) await other.close()
  await page.setViewportSize({ width: 1280, height: 820 })
  await page.evaluate(() => {
    localStorage.clear()
    location.hash = '#/overview'
  })
  await page.reload()
  await expect(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible()
  return page
}

export const test = base.extend<object, WorkerFixtures>({
  daemon: [
    async ({ playwright: _playwright }, use) => {
      const daemon = await startDaemon()
      await use(daemon)
      await daemon.close()
    },
    { scope: 'worker', timeout: 2 * MINUTE },
  ],
  bench: [
    async ({ daemon }, use, info) => {
      const world = makeWorld({ sockets: [daemon.socketPath], engine: 'none', env: {} })
      const collector = createCollector()
      const shell = await startShell(info.project.name as ShellName, world, (context: BrowserContext) => collector.watch(context))
      shell.context.setDefaultTimeout(ACTION_LIMIT)
      await use({ shell, collector })
      await shell.close()
      world.remove()
      expect(collector.all, 'policy violations and uncaught errors between the tests').toEqual([])
    },
    { scope: 'worker', timeout: MINUTE },
  ],
  naru: async ({ bench }, use) => use(bench.shell),
  faults: async ({ bench }, use) => {
    await use(bench.collector)
    // What the browser has to say of this test is here when it answers.
    await Promise.all(bench.shell.context.pages().map((page) => page.evaluate(() => 0).catch(() => undefined)))
    const found = [...bench.collector.all]
    bench.collector.clear()
    expect(found, 'policy violations and uncaught errors').toEqual([])
  },
  page: async ({ bench, daemon, faults: _faults }, use) => {
    await daemon.clear()
    await use(await freshPage(bench))
  },
})
