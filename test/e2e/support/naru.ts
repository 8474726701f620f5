/**
 * The fixture every spec uses: `import { test, expect } from './support/naru.ts'`. It starts the shell of the project
 * (electron or web) in a world of its own and checks at the end that the page broke none of its own rules.
 *
 *   test.use({ worldOptions: { engine: 'native' } })                  Naru brings its own engine, ended after the test
 *   test.use({ worldOptions: { sockets: ['/path/engine.sock'] } })    only these engines are there
 *   test('…', async ({ page, naru, world, faults }) => …)
 *
 * An engine that a test needs before Naru starts belongs into a fixture that overrides `worldOptions`.
 */
import { test as base } from '@playwright/test'
import type { BrowserContext, Page } from '@playwright/test'
import { endEngine } from './engine.ts'
import { makeWorld } from './environment.ts'
import type { World, WorldOptions } from './environment.ts'
import { startShell } from './shells.ts'
import type { Shell, ShellName } from './shells.ts'

export { expect } from '@playwright/test'

/** What the browser reported against the page's policy, plus errors nobody caught. */
export interface PageFaults {
  readonly all: readonly string[]
  /** For pages that a spec opens itself: in every context that shows Naru. */
  readonly watch: (context: BrowserContext) => void
  /** Takes what was collected so far off the list, for specs that provoke faults. */
  readonly clear: () => void
}

interface Options {
  /** See WorldOptions; `test.use({ worldOptions: { engine: 'native' } })`. */
  worldOptions: Partial<WorldOptions>
}

interface Fixtures {
  world: World
  naru: Shell
  faults: PageFaults
}

const FAULT = /content security policy|trusted ?types?|refused to/i

interface Issue {
  readonly issue: { readonly code: string; readonly details: { readonly contentSecurityPolicyIssueDetails?: { readonly violatedDirective: string; readonly isReportOnly: boolean } } }
}

/**
 * Watches the pages of a browser context, frames and workers included, for breaches of their policy and uncaught errors.
 * The console tells them in words, but only to who listens by then; the browser's own list of issues keeps what was before.
 */
export function createCollector(): PageFaults {
  const all: string[] = []
  const askIssues = async (page: Page): Promise<void> => {
    const session = await page.context().newCDPSession(page)
    session.on('Audits.issueAdded', ({ issue }: Issue) => {
      const found = issue.details.contentSecurityPolicyIssueDetails
      if (issue.code === 'ContentSecurityPolicyIssue') all.push(`the policy: ${found?.violatedDirective ?? 'unknown'}`)
    })
    await session.send('Audits.enable')
  }
  const watchPage = (page: Page): void => {
    page.on('console', (message) => {
      if (message.type() === 'error' && FAULT.test(message.text())) all.push(message.text())
    })
    page.on('pageerror', (error) => all.push(`uncaught: ${error.message}`))
    // A page that is gone again says nothing more.
    askIssues(page).catch((error: unknown) => page.isClosed() || all.push(`not watched: ${String(error)}`))
  }
  const watch = (context: BrowserContext): void => {
    context.pages().forEach(watchPage)
    context.on('page', watchPage)
  }
  return { all, clear: () => all.splice(0), watch }
}

export const test = base.extend<Options & Fixtures>({
  worldOptions: [{}, { option: true }],
  world: async ({ worldOptions }, use) => {
    const world = makeWorld({ sockets: [], engine: 'none', env: {}, ...worldOptions })
    await use(world)
    await endEngine(world)
    world.remove()
  },
  faults: async ({ world: _world }, use) => {
    const faults = createCollector()
    await use(faults)
    base.expect(faults.all, 'policy violations and uncaught errors').toEqual([])
  },
  naru: async ({ world, faults }, use, info) => {
    const shell = await startShell(info.project.name as ShellName, world, faults.watch)
    await use(shell)
    await shell.close()
  },
  page: async ({ naru }, use) => {
    await use(naru.page)
  },
})
