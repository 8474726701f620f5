/** Finds a Chromium and opens the app window in it, with a profile of its own inside the state folder. */
import { spawn } from 'node:child_process'
import { accessSync, constants, mkdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { pathToFileURL } from 'node:url'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'microsoft-edge', 'brave-browser']
/** How long a closing browser may take before it is killed, ms. */
const CLOSE_LIMIT = 3_000

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Path of a Chromium-like browser: NARU_BROWSER, else the first known name on PATH. */
export function findBrowser(env: NodeJS.ProcessEnv): string | undefined {
  const asked = env['NARU_BROWSER']
  if (asked) return isExecutable(asked) ? asked : undefined
  const folders = (env['PATH'] ?? '').split(delimiter).filter((folder) => folder.startsWith('/'))
  return NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable)
}

/** True when there is a display a window could open on. */
export function hasDisplay(env: NodeJS.ProcessEnv): boolean {
  return Boolean(env['DISPLAY'] ?? env['WAYLAND_DISPLAY'])
}

export interface AppWindow {
  /** Resolves with the exit code when the browser process is gone; null when it was killed or never started. */
  readonly gone: Promise<number | null>
  readonly close: () => void
}

/** Arguments for an app window on `page`; exported for its test. */
export function browserArguments(page: string, profile: string, root: boolean): string[] {
  return [
    `--app=${page}`,
    `--user-data-dir=${profile}`,
    '--no-first-run',
    '--no-default-browser-check',
    '--disable-sync',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-extensions',
    '--password-store=basic',
    '--class=naru',
    '--window-size=1280,820',
    // Chromium refuses to run as root with its sandbox; --test-type hides its banner about that.
    ...(root ? ['--no-sandbox', '--test-type'] : []),
  ]
}

/** Opens the boot file as an app window. */
export function openAppWindow(browser: string, bootFile: string, profile: string): AppWindow {
  mkdirSync(profile, { recursive: true, mode: 0o700 })
  const root = process.getuid?.() === 0
  const child = spawn(browser, browserArguments(pathToFileURL(bootFile).href, profile, root), { stdio: 'ignore' })
  const gone = new Promise<number | null>((resolve) => {
    child.once('exit', (code) => resolve(code))
    child.once('error', () => resolve(null))
  })
  return {
    gone,
    close: () => {
      child.kill('SIGTERM')
      const force = setTimeout(() => child.kill('SIGKILL'), CLOSE_LIMIT)
      force.unref()
      void gone.then(() => clearTimeout(force))
    },
  }
}
