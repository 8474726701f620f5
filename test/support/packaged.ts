/**
 * The app as an installer lays it out, and its packages, built by the project's own script around the stand-in. Kept in the
 * cache: whoever comes first builds, and the suites `pack` and `e2e` look at the same app.
 */
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { findProgram } from '../../main/setup/apt.mjs'
import { exec } from '../../engine/system/exec.ts'
import { layOut } from './electron-stand-in/lay-out.mjs'

export const ROOT = join(import.meta.dirname, '../..')
const CACHE = process.env['NARU_TEST_CACHE'] ?? join(ROOT, '.naru/cache')
const STAND_IN = join(import.meta.dirname, 'electron-stand-in')
const CARRIED = ['engine', 'vm-image', 'qemu']

export interface Packaged {
  /** Electron's folder with the app in it. */
  readonly app: string
  readonly resources: string
  readonly deb: string
  readonly tarball: string
}

/** Why nothing can be packaged here; null when it can. */
export function whyNoPackages(): string | null {
  if (process.platform !== 'linux' || process.arch !== 'x64') return 'not Linux on amd64'
  if (!findProgram('dpkg-deb')) return 'no dpkg-deb'
  return findProgram('apt-get') || CARRIED.every((name) => existsSync(join(CACHE, name, 'manifest.json'))) ? null : 'no apt-get'
}

/** Names the present state of all that goes in; builds the app when it is not of this state. */
async function nameOfState(): Promise<string> {
  await exec(process.execPath, [join(ROOT, 'main/build.mjs')], { timeoutMs: 300_000 })
  const inputs = [join(ROOT, 'out/.stamp'), join(ROOT, 'electron-builder.yml'), ...(await readdir(STAND_IN)).sort().map((name) => join(STAND_IN, name))]
  const hash = createHash('sha256')
  for (const path of inputs) hash.update(await readFile(path))
  return hash.digest('hex').slice(0, 16)
}

/** Half a minute, minutes when what is carried has to be made first, and nothing when all is there. */
export async function buildPackaged(): Promise<Packaged> {
  const all = join(CACHE, 'packaged')
  const folder = join(all, await nameOfState())
  if (!existsSync(folder)) await buildInto(folder, all)
  const names = await readdir(join(folder, 'release'))
  const find = (end: string): string => {
    const name = names.find((each) => each.endsWith(end))
    if (!name) throw new Error(`no ${end} was made`)
    return join(folder, 'release', name)
  }
  const app = join(folder, 'release/linux-unpacked')
  return { app, resources: join(app, 'resources'), deb: find('.deb'), tarball: find('.tar.gz') }
}

/** What is below `folder` is always whole; older states go. */
async function buildInto(folder: string, all: string): Promise<void> {
  await mkdir(all, { recursive: true })
  const fresh = await mkdtemp(join(all, '.fresh-'))
  const at = (name: string): string => join(fresh, name)
  try {
    layOut(at('electron'))
    const args = ['--target', 'dir,deb,tar.gz', '--electron', at('electron'), '--cache', CACHE, '--resources', at('carried'), '--out', at('release')]
    // What a release compresses for minutes is read all the same.
    const env = { ...process.env, NARU_DEB_COMPRESSION: 'none', ELECTRON_BUILDER_COMPRESSION_LEVEL: '0' }
    await exec(process.execPath, [join(ROOT, 'main/setup/installers.mjs'), ...args], { env, timeoutMs: 900_000 })
    for (const name of ['carried', 'electron']) await rm(at(name), { recursive: true })
    for (const name of await readdir(all)) if (!name.startsWith('.fresh-')) await rm(join(all, name), { recursive: true, force: true })
    await rename(fresh, folder).catch((error: unknown) => {
      // Somebody built the same at the same time.
      if (!existsSync(folder)) throw error
    })
  } finally {
    await rm(fresh, { recursive: true, force: true })
  }
}

/** Every file below a folder, relative to it. */
export async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true })
  return entries.filter((entry) => !entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1)).sort()
}
