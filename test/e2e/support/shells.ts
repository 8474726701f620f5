/** Starts either shell and gives its page; what differs between them ends here. */
import { join } from 'node:path'
import { _electron, chromium } from '@playwright/test'
import type { BrowserContext, ElectronApplication, Page } from '@playwright/test'
import { CACHE, CHROMIUM, ROOT } from './environment.ts'
import type { World } from './environment.ts'
import { startWebProcess } from './web-process.ts'

export { startWebProcess, watchWebProcess } from './web-process.ts'
export type { WebProcess } from './web-process.ts'

export type ShellName = 'electron' | 'web'

export interface Shell {
  readonly name: ShellName
  /** The main window, on its first page. */
  readonly page: Page
  readonly context: BrowserContext
  /** Electron only: the main process. */
  readonly electron?: ElectronApplication
  /** Process that holds the shell. */
  readonly pid: number
  /** Web only: what that process has printed so far. */
  readonly printed?: () => string
  /** Runs `act` and gives the window it opens. */
  readonly nextWindow: (act: () => Promise<unknown>) => Promise<Page>
  /** Ends the shell as closing its window does; resolves when its processes are gone. */
  readonly close: () => Promise<void>
}

/** `watch` of the collector in naru.ts: no page of Naru is opened unwatched. */
type Watch = (context: BrowserContext) => void

const STAND_IN = join(ROOT, 'test/support/electron-stand-in')
const START_LIMIT = 30_000

/** A packaged app has beside it what the cache would give: its variables go, so that it looks there. */
function withoutCache(env: World['env']): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => !value.startsWith(`${CACHE}/`)))
}

function launchElectron(world: World): Promise<ElectronApplication> {
  const common = { acceptDownloads: true, timeout: START_LIMIT }
  const packaged = process.env['NARU_E2E_APP']
  if (packaged) return _electron.launch({ ...common, executablePath: join(packaged, 'naru'), args: [], env: withoutCache(world.env) })
  const real = process.env['NARU_E2E_ELECTRON'] === 'real'
  const override: Record<string, string> = real ? {} : { ELECTRON_OVERRIDE_DIST_PATH: process.env['ELECTRON_OVERRIDE_DIST_PATH'] ?? STAND_IN }
  // Playwright asks the package `electron` for the executable in this very process.
  Object.assign(process.env, override)
  const args = real && process.getuid?.() === 0 ? ['--no-sandbox', ROOT] : [ROOT]
  return _electron.launch({ ...common, args, env: { ...world.env, ...override } })
}

async function startElectron(world: World, watch: Watch): Promise<Shell> {
  const electron = await launchElectron(world)
  watch(electron.context())
  const page = await electron.firstWindow()
  // The window exists before it is on its page.
  await page.waitForURL((url) => url.protocol !== 'about:')
  await page.waitForLoadState()
  return {
    name: 'electron',
    page,
    context: electron.context(),
    electron,
    pid: electron.process().pid ?? 0,
    nextWindow: async (act) => {
      const [window] = await Promise.all([electron.waitForEvent('window'), act()])
      return window
    },
    close: () => electron.close(),
  }
}

async function startWeb(world: World, watch: Watch): Promise<Shell> {
  const web = await startWebProcess(world)
  const context = await chromium.launchPersistentContext(join(world.user, 'profile'), {
    executablePath: CHROMIUM,
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
    colorScheme: null,
    viewport: { width: 1280, height: 820 },
  })
  watch(context)
  const page = context.pages()[0] ?? (await context.newPage())
  await page.goto(web.address)
  await page.waitForURL((url) => url.pathname !== '/boot')
  await page.waitForLoadState()
  return {
    name: 'web',
    page,
    context,
    pid: web.child.pid ?? 0,
    printed: web.printed,
    nextWindow: async (act) => {
      const [window] = await Promise.all([context.waitForEvent('page'), act()])
      return window
    },
    close: async () => {
      await context.close()
      await web.stop()
    },
  }
}

/** Starts the shell of that name in `world`. `watch` gets the browser context before the first page loads. */
export function startShell(name: ShellName, world: World, watch: Watch): Promise<Shell> {
  return name === 'electron' ? startElectron(world, watch) : startWeb(world, watch)
}
