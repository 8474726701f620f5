/** The app as an installer lays it out, and the Debian package, built once by the project's own script around the stand-in. */
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findProgram } from '../../main/setup/apt.mjs'
import { exec } from '../../engine/system/exec.ts'
import { layOut } from './electron-stand-in/lay-out.mjs'

export const ROOT = join(import.meta.dirname, '../..')
const CACHE = process.env['NARU_TEST_CACHE'] ?? join(ROOT, '.naru/cache')
const CARRIED = ['engine', 'vm-image', 'qemu']

export interface Packaged {
  /** Electron's folder with the app in it. */
  readonly app: string
  readonly resources: string
  readonly deb: string
  readonly remove: () => Promise<void>
}

/** Why nothing can be packaged here; null when it can. */
export function whyNoPackages(): string | null {
  if (process.platform !== 'linux' || process.arch !== 'x64') return 'not Linux on amd64'
  if (!findProgram('dpkg-deb')) return 'no dpkg-deb'
  return findProgram('apt-get') || CARRIED.every((name) => existsSync(join(CACHE, name, 'manifest.json'))) ? null : 'no apt-get'
}

/** Takes half a minute; minutes when what is carried has to be made first. */
export async function buildPackaged(): Promise<Packaged> {
  const folder = await mkdtemp(join(tmpdir(), 'naru-packed-'))
  const at = (name: string): string => join(folder, name)
  layOut(at('electron'))
  const args = ['--target', 'dir,deb', '--electron', at('electron'), '--cache', CACHE, '--resources', at('carried'), '--out', at('release')]
  // What a release compresses for minutes is read by dpkg all the same.
  const env = { ...process.env, NARU_DEB_COMPRESSION: 'none' }
  await exec(process.execPath, [join(ROOT, 'main/setup/installers.mjs'), ...args], { env, timeoutMs: 900_000 })
  const deb = (await readdir(at('release'))).find((name) => name.endsWith('.deb'))
  if (!deb) throw new Error('no .deb was made')
  return { app: at('release/linux-unpacked'), resources: at('release/linux-unpacked/resources'), deb: at(`release/${deb}`), remove: () => rm(folder, { recursive: true, force: true }) }
}

/** Every file below a folder, relative to it. */
export async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true })
  return entries.filter((entry) => !entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1)).sort()
}
