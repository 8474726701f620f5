/** Starts either shell and gives its page; what differs between them ends here. */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { _electron, chromium } from '@playwright/test'
import type { BrowserContext, ElectronApplication, Page } from '@playwright/test'
import { CHROMIUM, ROOT } from './environment.ts'
import type { World } from './environment.ts'

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
  /** Runs `act` and gives the window it opens. */
  readonly nextWindow: (act: () => Promise<unknown>) => Promise<Page>
  /** Ends the shell as closing its window does; resolves when its processes are gone. */
  readonly close: () => Promise<void>
}

type Watch = (context: BrowserContext) => void

const STAND_IN = join(ROOT, 'test/support/electron-stand-in')
const START_LIMIT = 30_000
const END_LIMIT = 12_000

async function startElectron(world: World, watch: Watch): Promise<Shell> {
  const real = process.env['NARU_E2E_ELECTRON'] === 'real'
  const override: Record<string, string> = real ? {} : { ELECTRON_OVERRIDE_DIST_PATH: process.env['ELECTRON_OVERRIDE_DIST_PATH'] ?? STAND_IN }
  // Playwright asks the package `electron` for the executable in this very process.
  Object.assign(process.env, override)
  const args = real && process.getuid?.() === 0 ? ['--no-sandbox', ROOT] : [ROOT]
  const electron = await _electron.launch({ args, env: { ...world.env, ...override }, acceptDownloads: true, timeout: START_LIMIT })
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

export interface WebProcess {
  readonly child: ChildProcess
  /** One-time address. */
  readonly address: string
  /** `http://127.0.0.1:PORT`. */
  readonly origin: string
  readonly stop: () => Promise<void>
}

/** Starts the web shell's process without a browser. Rejects when it prints no address in time. */
export async function startWebProcess(world: World, args: readonly string[] = []): Promise<WebProcess> {
  const script = join(ROOT, 'out/web/web.cjs')
  const child = spawn(process.execPath, [script, '--no-open', ...args], { env: world.env, stdio: 'pipe' })
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  let output = ''
  const address = await new Promise<string>((resolve, reject) => {
    const fail = (): void => reject(new Error(`the web shell printed no address:\n${output}`))
    const limit = setTimeout(fail, START_LIMIT)
    const read = (part: Buffer): void => {
      output += part.toString()
      const found = /http:\/\/127\.0\.0\.1:\d+\/\S+/.exec(output)
      if (!found) return
      clearTimeout(limit)
      resolve(found[0])
    }
    child.stdout.on('data', read)
    child.stderr.on('data', read)
    child.once('exit', fail)
  })
  return {
    child,
    address,
    origin: new URL(address).origin,
    stop: async () => {
      child.kill('SIGTERM')
      const force = setTimeout(() => child.kill('SIGKILL'), END_LIMIT)
      await gone
      clearTimeout(force)
    },
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
export function startShell(name: ShellName, world: World, watch: Watch = () => undefined): Promise<Shell> {
  return name === 'electron' ? startElectron(world, watch) : startWeb(world, watch)
}
