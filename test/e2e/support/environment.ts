/** The world a shell under test lives in: folders of its own, and no engine but those a spec names. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

export const ROOT = resolve(import.meta.dirname, '../../..')
/** Engine bundle and welcome image, made once by the test runner. */
export const CACHE = process.env['NARU_TEST_CACHE'] ?? join(ROOT, '.naru/cache')
export const CHROMIUM = process.env['NARU_BROWSER'] ?? '/usr/bin/chromium'

export interface World {
  /** NARU_HOME of the shell. */
  readonly home: string
  /** HOME of the shell: an empty folder, so no docker context of this machine is found. */
  readonly user: string
  readonly env: Record<string, string>
  readonly remove: () => void
}

export interface WorldOptions {
  /** Engine sockets Naru may look at; none by default. */
  readonly sockets: readonly string[]
  /** `native` lets Naru bring its own engine, `vm` its virtual machine. */
  readonly engine: 'none' | 'native' | 'vm'
  readonly env: Readonly<Record<string, string>>
}

/** Makes a fresh world below the system's temporary folder; `remove` takes it away. */
export function makeWorld({ sockets, engine, env }: WorldOptions): World {
  const base = mkdtempSync(join(tmpdir(), 'naru-e2e-'))
  const home = join(base, 'state')
  const user = join(base, 'home')
  mkdirSync(user)
  const kept = ['PATH', 'LANG', 'DISPLAY', 'STANDIN_DEBUG', 'STANDIN_HEADLESS'].flatMap((name) => {
    const value = process.env[name]
    return value === undefined ? [] : [[name, value] as const]
  })
  const missing = join(base, 'no-engine')
  return {
    home,
    user,
    env: {
      ...Object.fromEntries(kept),
      HOME: user,
      NARU_HOME: home,
      NARU_SOCKETS: sockets.join(':'),
      NARU_ENGINE_BUNDLE: engine === 'native' ? join(CACHE, 'engine') : missing,
      NARU_VM_IMAGE: engine === 'vm' ? join(CACHE, 'vm-image') : missing,
      NARU_VM_QEMU: engine === 'vm' ? join(CACHE, 'qemu') : missing,
      NARU_WELCOME_IMAGE: engine !== 'none' ? join(CACHE, 'welcome.tar') : missing,
      ...env,
    },
    remove: () => rmSync(base, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }),
  }
}
