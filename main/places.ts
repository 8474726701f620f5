/** Where things lie: the state folder, the caches in it, and the parts that were built beside this file. */
import { chmodSync, existsSync, mkdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'

/** Paths both shells need; all absolute. */
export interface Places {
  /** All of Naru's state; nothing is written anywhere else. */
  readonly state: string
  readonly home: string
  /** Built page. */
  readonly renderer: string
  /** Built workers of the engine room. */
  readonly workers: string
  /** Unpacked engine bundle; may be absent. */
  readonly bundle: string
  /** Files of the virtual machine; may be absent. */
  readonly vmImage: string
  /** The QEMU that comes with Naru; may be absent. */
  readonly vmQemu: string
  /** What makes the virtual machine's files: only in a copy of the project, where nobody said where they are. */
  readonly vmSetup?: { readonly file: string; readonly args: readonly string[]; readonly env: Readonly<Record<string, string>> }
  /** Archive of the welcome image; may be absent. */
  readonly welcomeImage: string
}

/** State folder: NARU_HOME, else `$XDG_DATA_HOME/naru`, else `~/.local/share/naru`. */
export function stateFolder(env: NodeJS.ProcessEnv, home: string): string {
  if (env['NARU_HOME']) return resolve(env['NARU_HOME'])
  const data = env['XDG_DATA_HOME']
  return join(data?.startsWith('/') ? data : join(home, '.local/share'), 'naru')
}

/**
 * @param built folder that holds main/, engine/, worker/, web/ and renderer/ as main/build.mjs lays them out
 * @param resources folder of a packaged app that carries the engine bundle, when there is one
 */
export function findPlaces(env: NodeJS.ProcessEnv, built: string, resources?: string): Places {
  const home = homedir()
  const state = stateFolder(env, home)
  const packaged = (name: string): string | undefined => {
    const path = resources === undefined ? undefined : join(resources, name)
    return path !== undefined && existsSync(path) ? path : undefined
  }
  return {
    state,
    home,
    renderer: join(built, 'renderer'),
    workers: join(built, 'worker'),
    bundle: env['NARU_ENGINE_BUNDLE'] ?? packaged('engine') ?? join(state, 'cache/engine'),
    ...vmPlaces(env, built, join(state, 'cache'), packaged),
    welcomeImage: env['NARU_WELCOME_IMAGE'] ?? packaged('welcome.tar') ?? join(state, 'cache/welcome.tar'),
  }
}

/** `NARU_NODE`: the Node that set Naru up; without it this program stands in for one, Electron's too. */
function vmPlaces(env: NodeJS.ProcessEnv, built: string, cache: string, packaged: (name: string) => string | undefined): Pick<Places, 'vmImage' | 'vmQemu' | 'vmSetup'> {
  const given = env['NARU_VM_IMAGE'] ?? packaged('vm-image')
  const vmImage = given ?? join(cache, 'vm-image')
  const vmQemu = env['NARU_VM_QEMU'] ?? packaged('qemu') ?? join(cache, 'qemu')
  const script = join(built, '../main/setup/vm.mjs')
  if (given !== undefined || !existsSync(script)) return { vmImage, vmQemu }
  return { vmImage, vmQemu, vmSetup: { file: env['NARU_NODE'] ?? process.execPath, args: [script, vmImage, vmQemu], env: { ELECTRON_RUN_AS_NODE: '1' } } }
}

/** Makes the state folder, closed to other users. Throws when it cannot be made. */
export function prepareState(state: string): void {
  mkdirSync(state, { recursive: true, mode: 0o700 })
  chmodSync(state, 0o700)
}
