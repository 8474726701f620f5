/**
 * Builds the guest image of the virtual machine from Debian packages. Plain Node; no root, no debootstrap, no chroot.
 *   node engine/providers/vm/image/build-image.mjs --out DIR [--cache DIR] [--lock] [--quiet]
 * The same packages give the same bytes: packages.lock.json names both, and the build says when they differ.
 */
import { createHash } from 'node:crypto'
import { mkdir, readFile, readdir, realpath, rename, rm, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { BuildError, openApt, osRelease, run, sha256, withLock } from '../../native/bundle/apt.mjs'
import { SUITES } from '../../native/bundle/recipe.mjs'
import { sweep } from '../../native/bundle/sweep.mjs'
import { kernelPackage } from './kernel-package.mjs'
import { makeInitrd, makeKernel, makeRoot } from './parts.mjs'
import { GUEST_PACKAGES, KERNEL_META, TOOL_PACKAGES } from './recipe.mjs'

const HELP = `Builds the guest image of Naru's virtual machine from Debian packages.

Usage: node build-image.mjs --out DIR [--cache DIR] [--lock] [--quiet]

  --out DIR     where the image goes (replaced when it is out of date)
  --cache DIR   package lists and downloads (default: DIR's parent/packages)
  --lock        take the newest packages and write packages.lock.json anew
  --quiet       say nothing when all is well
`

const LOCK = new URL('packages.lock.json', import.meta.url)
const RECIPE = ['build-image.mjs', 'parts.mjs', 'recipe.mjs', 'elf.mjs', 'fixed-place.mjs', 'ordered-writes.mjs', 'kernel-modules.mjs', 'kernel-package.mjs', 'kernel.mjs', 'cpio.mjs', 'guest/agent.c', 'guest/first-rules.c', 'guest/init.sh', 'guest/initrd-init.sh']

/** Files a person downloads; `vmlinux` is unpacked from the first on their machine. */
const DOWNLOAD = ['vmlinux.zst', 'initrd.zst', 'rootfs.sqfs']

async function recipeHash() {
  const hash = createHash('sha256').update(process.arch)
  for (const name of RECIPE) hash.update(await readFile(new URL(name, import.meta.url)))
  return hash.digest('hex')
}

const readLock = () => readFile(LOCK, 'utf8').then(JSON.parse, () => ({ packages: {}, files: {} }))

/** True when `out` is whole and was made by this recipe; nothing is fetched to find out. */
async function isCurrent(out, recipe) {
  try {
    const manifest = JSON.parse(await readFile(join(out, 'manifest.json'), 'utf8'))
    if (manifest.recipe !== recipe) return false
    for (const [name, { size }] of Object.entries(manifest.files)) if ((await stat(join(out, name))).size !== size) return false
    return true
  } catch {
    return false
  }
}

/** Fetches and unpacks packages: pinned ones as they are pinned, otherwise the newest of their suite. */
function createStore({ apt, lock, refresh, say }) {
  const taken = []
  return {
    taken,
    /** Unpacks `name` into `tree`. */
    async take(name, suite, tree, role) {
      const pin = refresh ? undefined : lock.packages[name]
      const newest = apt.version(name, suite)
      const deb = await fetchPinned(apt, name, pin, newest, say)
      const digest = await sha256(deb)
      const version = (await run('dpkg-deb', ['-f', deb, 'Version'])).trim()
      if (pin?.version === version && pin.sha256 !== digest) throw new BuildError(`the package ${name} ${version} is not the one that was pinned`)
      // `Source` is there only when it differs from the package's own name or version.
      const [, source = name, sourceVersion = version] = /^(\S+)(?: \((.+)\))?/.exec((await run('dpkg-deb', ['-f', deb, 'Source'])).trim()) ?? []
      taken.push({ package: name, version, suite, sha256: digest, source, sourceVersion, role })
      await run('dpkg-deb', ['-x', deb, tree])
      return deb
    },
  }
}

async function fetchPinned(apt, name, pin, newest, say) {
  if (pin) {
    const deb = await apt.fetch(name, pin.version).catch(() => undefined)
    if (deb) return deb
    say(`${name} ${pin.version} is gone from the mirror; taking ${newest ?? 'nothing'}`)
  }
  if (!newest) throw new BuildError(`the package ${name} was not found; is the package mirror reachable?`)
  return apt.fetch(name, newest)
}

async function copyLicences(tree, out) {
  await mkdir(out, { recursive: true })
  const docs = join(tree, 'usr/share/doc')
  for (const name of (await readdir(docs).catch(() => [])).sort()) {
    const source = await realpath(join(docs, name, 'copyright')).catch(() => undefined)
    if (source?.startsWith(tree)) await writeFile(join(out, `${name}.copyright`), await readFile(source))
  }
}

const dependsOf = (deb) => run('dpkg-deb', ['-f', deb, 'Depends'])

/** The archive's sizes and digests, in a fixed order. */
async function describe(folder, names) {
  const files = {}
  for (const name of names) files[name] = { size: (await stat(join(folder, name))).size, sha256: await sha256(join(folder, name)) }
  return files
}

async function build({ out, cache, recipe, refresh, say }) {
  const lock = await readLock()
  const { ID: id, VERSION_CODENAME: codename = '' } = await osRelease()
  if (id !== 'debian' || process.arch !== 'x64') throw new BuildError('the guest image is built on Debian for amd64 only')
  const named = [...Object.keys(GUEST_PACKAGES), ...Object.keys(TOOL_PACKAGES), KERNEL_META.name]
  const open = (names) => openApt({ folder: join(cache, 'apt'), suites: [...new Set([...SUITES, codename])], codename, names, say })
  const apt = await open(named)
  const { kernelName, kernelApt } = await kernelPackage({ apt, open, dependsOf, pins: refresh ? {} : lock.packages, say })
  const work = join(cache, `image-${process.pid}`)
  const fresh = `${out}.new-${process.pid}`
  try {
    await mkdir(fresh, { recursive: true })
    await mkdir(work, { recursive: true })
    const [guest, tools, kernel] = ['guest', 'tools', 'kernel'].map((name) => join(work, name))
    const store = createStore({ apt, lock, refresh, say })
    for (const [name, suite] of Object.entries(GUEST_PACKAGES)) await store.take(name, suite, guest, 'guest')
    for (const [name, suite] of Object.entries(TOOL_PACKAGES)) await store.take(name, suite, tools, 'build')
    const kernelStore = createStore({ apt: kernelApt, lock, refresh, say })
    await kernelStore.take(kernelName, KERNEL_META.suite, kernel, 'guest')
    const packages = [...store.taken, ...kernelStore.taken].sort((a, b) => (a.package < b.package ? -1 : 1))
    const pinned = refresh || packages.every((each) => lock.packages[each.package]?.sha256 === each.sha256)
    const parts = { pinned, guest, tools, kernel, work, out: fresh, source: new URL('.', import.meta.url), say }
    const release = await makeKernel(parts)
    await makeInitrd(parts, release)
    await makeRoot(parts, release)
    await copyLicences(guest, join(fresh, 'licenses'))
    await copyLicences(kernel, join(fresh, 'licenses'))
    const files = await describe(fresh, ['vmlinux', ...DOWNLOAD])
    await finish({ fresh, recipe, release, packages, files, lock, refresh, say })
    await rm(out, { recursive: true, force: true })
    await rename(fresh, out)
  } finally {
    await rm(work, { recursive: true, force: true })
    await rm(fresh, { recursive: true, force: true })
  }
}

/** Writes the manifest, compares with what the lock promises, or writes the lock. */
async function finish({ fresh, recipe, release, packages, files, lock, refresh, say }) {
  const version = (name) => packages.find((each) => each.package === name)?.version ?? ''
  const asPinned = packages.every((each) => lock.packages[each.package]?.sha256 === each.sha256)
  const digests = Object.fromEntries(Object.entries(files).map(([name, { sha256: digest }]) => [name, digest]))
  const manifest = {
    format: 1,
    arch: 'amd64',
    recipe,
    kernel: release,
    versions: { engine: version('docker.io'), containerd: version('containerd'), runc: version('runc') },
    downloadBytes: DOWNLOAD.reduce((sum, name) => sum + files[name].size, 0),
    files,
    pinned: asPinned,
    sources: 'Debian source packages, by `source` and `sourceVersion` of each package: https://sources.debian.org and https://snapshot.debian.org. Naru’s own parts: engine/providers/vm/image.',
    packages,
  }
  await writeFile(join(fresh, 'manifest.json'), JSON.stringify(manifest, null, 2) + '\n')
  if (refresh) {
    const pins = Object.fromEntries(packages.map(({ package: name, version: pinned, suite, sha256: digest }) => [name, { version: pinned, suite, sha256: digest }]))
    await writeFile(LOCK, JSON.stringify({ recipe, packages: pins, files: digests }, null, 2) + '\n')
    return
  }
  const same = JSON.stringify(digests) === JSON.stringify(lock.files)
  if (asPinned && lock.recipe === recipe && !same) throw new BuildError('the same packages gave other bytes than packages.lock.json promises')
  if (!asPinned) say('some packages are newer than packages.lock.json; the image is not the pinned one')
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
  const say = (line) => options.quiet || process.stdout.write(`guest image: ${line}\n`)
  await mkdir(dirname(resolve(options.out)), { recursive: true })
  const out = join(await realpath(dirname(resolve(options.out))), basename(resolve(options.out)))
  const cache = resolve(options.cache ?? join(dirname(out), 'packages'))
  await sweep(dirname(out), `${basename(out)}.new-`)
  await sweep(cache, 'image-')
  const recipe = await recipeHash()
  if (!options.lock && (await isCurrent(out, recipe))) return say('current')
  await withLock(cache, async () => {
    if (!options.lock && (await isCurrent(out, recipe))) return say('current')
    await build({ out, cache, recipe, refresh: options.lock === true, say })
    say(`built in ${out}`)
  })
}

main().catch((error) => {
  process.stderr.write(`guest image: ${error instanceof BuildError ? error.message : error.stack}\n`)
  process.exitCode = 1
})
