/**
 * Builds a QEMU that runs from any folder of any Linux on amd64, out of Debian packages. Plain Node; no root, nothing is
 * compiled or changed: files are Debian's own, byte for byte, and start through the loader that lies beside them.
 *   node engine/providers/vm/qemu-bundle/build-qemu.mjs --out DIR [--cache DIR] [--lock] [--quiet]
 */
import { createHash } from 'node:crypto'
import { chmod, copyFile, mkdir, readFile, readdir, realpath, rename, rm, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { BuildError, openApt, osRelease, run, withLock } from '../../native/bundle/apt.mjs'
import { DEBIAN_SOURCES, copyLicences, createStore, describeFiles, isAsPinned, isCurrent, pinsOf, readLock } from '../../native/bundle/pinned.mjs'
import { SUITES } from '../../native/bundle/recipe.mjs'
import { sweep } from '../../native/bundle/sweep.mjs'
import { neededLibraries } from '../image/elf.mjs'
import { EXTRA_LIBRARIES, FIRMWARE, LOADER, PACKAGES, PROGRAMS } from './recipe.mjs'

const HELP = `Builds Naru's own QEMU from Debian packages.

Usage: node build-qemu.mjs --out DIR [--cache DIR] [--lock] [--quiet]

  --out DIR     where the bundle goes (replaced when it is out of date)
  --cache DIR   package lists and downloads (default: DIR's parent/packages)
  --lock        take the newest packages and write packages.lock.json anew
  --quiet       say nothing when all is well
`

const LOCK = new URL('packages.lock.json', import.meta.url)
const LIBRARY_FOLDERS = ['lib/x86_64-linux-gnu', 'usr/lib/x86_64-linux-gnu', 'lib64', 'usr/lib64']

const exists = (path) => stat(path).then(() => true, () => false)

async function recipeHash() {
  const hash = createHash('sha256').update(process.arch)
  for (const name of ['build-qemu.mjs', 'recipe.mjs']) hash.update(await readFile(new URL(name, import.meta.url)))
  return hash.digest('hex')
}

/** Copies one file of the packages. */
async function place(tree, from, out, to, mode) {
  const source = await realpath(join(tree, from)).catch(() => undefined)
  if (!source?.startsWith(tree)) throw new BuildError(`the packages hold no ${from}`)
  await mkdir(dirname(join(out, to)), { recursive: true })
  await copyFile(source, join(out, to))
  await chmod(join(out, to), mode)
}

/** The loader, and exactly the libraries the programs ask for, and those these ask for. */
async function placeLibraries(tree, out) {
  const find = async (name) => {
    for (const folder of LIBRARY_FOLDERS) if (await exists(join(tree, folder, name))) return join(folder, name)
    throw new BuildError(`the packages hold no ${name}`)
  }
  const queue = [LOADER, ...EXTRA_LIBRARIES]
  for (const program of Object.keys(PROGRAMS)) queue.push(...neededLibraries(await readFile(join(out, program))))
  const placed = new Set()
  for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
    if (placed.has(name)) continue
    placed.add(name)
    await place(tree, await find(name), out, `lib/${name}`, name === LOADER ? 0o755 : 0o644)
    queue.push(...neededLibraries(await readFile(join(out, 'lib', name))))
  }
}

async function namesBelow(folder) {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true })
  return entries.filter((entry) => entry.isFile()).map((entry) => relative(folder, join(entry.parentPath ?? entry.path, entry.name))).sort()
}

/** First lines of `--version`, through the bundle's own loader and nothing else. */
async function prove(out) {
  const versions = {}
  for (const program of Object.keys(PROGRAMS)) {
    const args = ['--inhibit-cache', '--library-path', join(out, 'lib'), join(out, program), '--version']
    versions[basename(program)] = (await run(join(out, 'lib', LOADER), args, { env: {} })).split('\n')[0]
  }
  return versions
}

async function build({ out, cache, recipe, refresh, say }) {
  const lock = await readLock(LOCK)
  const { ID: id, VERSION_CODENAME: codename = '' } = await osRelease()
  if (id !== 'debian' || process.arch !== 'x64') throw new BuildError('the QEMU bundle is built on Debian for amd64 only')
  const apt = await openApt({ folder: join(cache, 'apt'), suites: [...new Set([...SUITES, codename])], codename, names: Object.keys(PACKAGES), say })
  const work = join(cache, `qemu-${process.pid}`)
  const fresh = `${out}.new-${process.pid}`
  try {
    const tree = join(work, 'tree')
    await mkdir(tree, { recursive: true })
    await mkdir(fresh, { recursive: true })
    const store = createStore({ apt, lock, refresh, say })
    for (const [name, suite] of Object.entries(PACKAGES)) await store.take(name, suite, tree, 'bundle')
    const from = await realpath(tree)
    for (const [to, path] of Object.entries(PROGRAMS)) await place(from, path, fresh, to, 0o755)
    for (const [name, path] of Object.entries(FIRMWARE)) await place(from, path, fresh, `share/${name}`, 0o644)
    await placeLibraries(from, fresh)
    await copyLicences(from, join(fresh, 'licenses'))
    const files = await describeFiles(fresh, await namesBelow(fresh))
    const packages = store.taken.sort((a, b) => (a.package < b.package ? -1 : 1))
    await finish({ fresh, recipe, packages, files, lock, refresh, say })
    await rm(out, { recursive: true, force: true })
    await rename(fresh, out)
  } finally {
    await rm(work, { recursive: true, force: true })
    await rm(fresh, { recursive: true, force: true })
  }
}

/** Writes the manifest, compares with what the lock promises, or writes the lock. */
async function finish({ fresh, recipe, packages, files, lock, refresh, say }) {
  const digest = createHash('sha256').update(JSON.stringify(files)).digest('hex')
  const pinned = refresh || isAsPinned(packages, lock)
  const versions = await prove(fresh)
  const manifest = { format: 1, arch: 'amd64', recipe, versions, bytes: Object.values(files).reduce((sum, { size }) => sum + size, 0), pinned, sources: DEBIAN_SOURCES, packages, files }
  await writeFile(join(fresh, 'manifest.json'), JSON.stringify(manifest, null, 2) + '\n')
  if (refresh) return writeFile(LOCK, JSON.stringify({ recipe, digest, packages: pinsOf(packages) }, null, 2) + '\n')
  if (pinned && lock.recipe === recipe && lock.digest !== digest) throw new BuildError('the same packages gave other files than packages.lock.json promises')
  if (!pinned) say('some packages are newer than packages.lock.json; the bundle is not the pinned one')
}

async function main() {
  const text = { type: 'string' }
  const flag = { type: 'boolean' }
  let options
  try {
    options = parseArgs({ options: { out: text, cache: text, lock: flag, quiet: flag, help: flag } }).values
  } catch (error) {
    throw new BuildError(`${error.message} (see --help)`)
  }
  if (options.help) return void process.stdout.write(HELP)
  if (!options.out) throw new BuildError('--out DIR is needed (see --help)')
  const say = (line) => options.quiet || process.stdout.write(`QEMU bundle: ${line}\n`)
  await mkdir(dirname(resolve(options.out)), { recursive: true })
  const out = join(await realpath(dirname(resolve(options.out))), basename(resolve(options.out)))
  const cache = resolve(options.cache ?? join(dirname(out), 'packages'))
  await sweep(dirname(out), `${basename(out)}.new-`)
  await sweep(cache, 'qemu-')
  const recipe = await recipeHash()
  if (!options.lock && (await isCurrent(out, recipe))) return say('current')
  await withLock(cache, async () => {
    if (!options.lock && (await isCurrent(out, recipe))) return say('current')
    await build({ out, cache, recipe, refresh: options.lock === true, say })
    say(`built in ${out}`)
  })
}

main().catch((error) => {
  process.stderr.write(`QEMU bundle: ${error instanceof BuildError ? error.message : error.stack}\n`)
  process.exitCode = 1
})
