/**
 * Builds the relocatable engine bundle from Debian packages. Plain Node, no dependencies, needs no root.
 *   node engine/providers/native/bundle/build-bundle.mjs --out DIR [--cache DIR] [--suite NAME] [--refresh] [--quiet]
 * Does nothing when DIR already holds a bundle of this recipe (see `isCurrent`).
 */
import { createHash } from 'node:crypto'
import { chmod, copyFile, cp, mkdir, readFile, readdir, realpath, rename, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { BuildError, openApt, osRelease, run, sha256, withLock } from './apt.mjs'
import { describeFiles } from './pinned.mjs'
import { LIBRARIES, PARTS, PROOF, SCRIPTS, SUITES } from './recipe.mjs'
import { sweep } from './sweep.mjs'

const HELP = `Builds Naru's container engine bundle from Debian packages.

Usage: node build-bundle.mjs --out DIR [--cache DIR] [--suite NAME] [--refresh] [--quiet]

  --out DIR     where the bundle goes (replaced when it is out of date)
  --cache DIR   package lists and downloads (default: DIR's parent/packages)
  --suite NAME  take the engine from this suite only, for example bookworm
  --refresh     look for newer packages although the bundle is current
  --quiet       say nothing when all is well
`

const PACKAGES = [...new Set([...PARTS.flatMap((part) => part.packages), ...LIBRARIES, 'patchelf'])]

const exists = (path) => stat(path).then(() => true, () => false)

/** Hash of everything in this folder that decides what a bundle looks like. */
async function recipeHash(suite) {
  const hash = createHash('sha256').update(JSON.stringify([suite ?? '', process.arch]))
  for (const name of ['build-bundle.mjs', 'recipe.mjs', 'apt.mjs', ...Object.keys(SCRIPTS)]) {
    hash.update(await readFile(new URL(name, import.meta.url)))
  }
  return hash.digest('hex')
}

const stampOf = (recipe, packages) =>
  createHash('sha256').update(JSON.stringify([recipe, packages.map((each) => [each.package, each.version, each.sha256])])).digest('hex')

/** True when `out` is complete, of this recipe and of the glibc it was made for. */
async function isCurrent(out, recipe, glibc) {
  try {
    const manifest = JSON.parse(await readFile(join(out, 'manifest.json'), 'utf8'))
    if (manifest.stamp !== stampOf(recipe, manifest.packages) || manifest.glibc !== glibc.join('.')) return false
    for (const [path, { size }] of Object.entries(manifest.files)) {
      if ((await stat(join(out, path))).size !== size) return false
    }
    return (await realpath(out)) === manifest.builtAt
  } catch {
    return false
  }
}

/** glibc of this machine as [major, minor]. */
async function hostGlibc() {
  const text = await run('getconf', ['GNU_LIBC_VERSION']).catch(() => '')
  const match = /glibc (\d+)\.(\d+)/.exec(text)
  if (!match) throw new BuildError('this machine does not use glibc; the engine bundle needs a Debian-like system')
  return [Number(match[1]), Number(match[2])]
}

/** Unpacked packages, each once: name → {folder, record}. */
function createShelf(apt, folder) {
  const shelf = new Map()
  return {
    /** Takes packages that turned out to be of no use out of the record. */
    forget: (packages) => packages.forEach(([name, version]) => shelf.delete(`${name}=${version}`)),
    all: () => [...shelf.values()].map((entry) => entry.record).sort((a, b) => (a.package < b.package ? -1 : 1)),
    async take(name, version, suite) {
      const key = `${name}=${version}`
      if (!shelf.has(key)) {
        const deb = await apt.fetch(name, version)
        const target = join(folder, `${name}-${version.replace(/\W/g, '_')}`)
        await run('dpkg-deb', ['-x', deb, target])
        shelf.set(key, { folder: target, record: { package: name, version, suite, sha256: await sha256(deb) } })
      }
      return shelf.get(key).folder
    },
  }
}

/** The first suite in which a part exists and fits; {suite, packages: [[name, version]]} or undefined. */
function resolvePart(apt, part, suites, glibc) {
  for (const suite of suites) {
    const found = part.packages.map((name) => [name, apt.version(name, suite)]).filter(([, version]) => version !== undefined)
    const taken = part.anyOf ? found.slice(0, 1) : found
    const fits = taken.every(([name, version]) => {
      const [major, minor] = apt.glibc(name, version)
      return major < glibc[0] || (major === glibc[0] && minor <= glibc[1])
    })
    if (fits && taken.length === (part.anyOf ? 1 : part.packages.length)) return { suite, packages: taken }
  }
  return undefined
}

/** Every path `pattern` (one `*` segment at most) stands for below `root`. */
async function expand(root, pattern) {
  const at = pattern.indexOf('*')
  if (at < 0) return (await exists(join(root, pattern))) ? [join(root, pattern)] : []
  const head = join(root, pattern.slice(0, at))
  const names = await readdir(head).catch(() => [])
  const hits = names.map((name) => join(head, name, pattern.slice(at + 2)))
  return (await Promise.all(hits.map(async (hit) => ((await exists(hit)) ? hit : undefined)))).filter(Boolean)
}

async function firstOf(roots, patterns) {
  for (const root of roots) for (const pattern of patterns) for (const hit of await expand(root, pattern)) return hit
  return undefined
}

/** Copies one part's files; false when a needed one is missing. */
async function placePart(part, roots, out) {
  for (const [target, patterns] of Object.entries({ ...part.files, ...part.folders, ...part.extra })) {
    const source = await firstOf(roots, patterns)
    if (!source && part.extra?.[target]) continue
    if (!source) return false
    await mkdir(dirname(join(out, target)), { recursive: true })
    await cp(source, join(out, target), { recursive: true, dereference: true })
  }
  for (const [target, to] of Object.entries(part.links ?? {})) await symlink(to, join(out, target))
  return true
}

/** ELF files below some folders of the bundle (scripts left out). */
async function elfFiles(out, folders) {
  const files = []
  for (const folder of folders) {
    for (const entry of await readdir(join(out, folder), { withFileTypes: true, recursive: true }).catch(() => [])) {
      const path = join(entry.parentPath ?? entry.path, entry.name)
      if (entry.isFile() && (await readFile(path)).subarray(0, 4).equals(Buffer.from([0x7f, 0x45, 0x4c, 0x46]))) files.push(path)
    }
  }
  return files
}

/** Copies exactly the libraries the programs need and points every program at them. */
async function linkLibraries({ out, finalOut, shelf, apt, suites, patchelf }) {
  const sources = new Map()
  for (const name of LIBRARIES) {
    for (const suite of suites) {
      const version = apt.version(name, suite)
      if (version === undefined) continue
      const root = await shelf.take(name, version, suite)
      for (const entry of await readdir(root, { withFileTypes: true, recursive: true })) {
        if (/^lib.*\.so\./.test(entry.name) && !sources.has(entry.name)) {
          sources.set(entry.name, join(entry.parentPath ?? entry.path, entry.name))
        }
      }
      break
    }
  }
  await mkdir(join(out, 'lib'), { recursive: true })
  const queue = await elfFiles(out, ['bin', 'iptables', 'rootless', 'cli-plugins'])
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const needed = await run(patchelf, ['--print-needed', next]).catch(() => '')
    if (needed.trim() === '') continue
    for (const name of needed.trim().split('\n')) {
      if (!sources.has(name) || (await exists(join(out, 'lib', name)))) continue
      await copyFile(await realpath(sources.get(name)), join(out, 'lib', name))
      queue.push(join(out, 'lib', name))
    }
    const inLib = dirname(next) === join(out, 'lib')
    // runc starts itself again from an unnamed copy, where $ORIGIN means nothing: it also gets the bundle's own address.
    const origin = dirname(next).endsWith('/xtables') ? '$ORIGIN/../../lib' : '$ORIGIN/../lib'
    const absolute = basename(next) === 'runc' ? `:${join(finalOut, 'lib')}` : ''
    await chmod(next, 0o755)
    await run(patchelf, ['--set-rpath', inLib ? '$ORIGIN' : origin + absolute, next])
  }
}

async function copyLicences(out, shelfFolder) {
  await mkdir(join(out, 'licenses'), { recursive: true })
  for (const unpacked of await readdir(shelfFolder)) {
    const docs = join(shelfFolder, unpacked, 'usr/share/doc')
    for (const name of await readdir(docs).catch(() => [])) {
      const source = join(docs, name, 'copyright')
      if (await exists(source)) await copyFile(await realpath(source), join(out, 'licenses', `${name}.copyright`))
    }
  }
}

/** Every file by its path in the bundle, and every link to one: a start runs `iptables` by the name of a link. */
async function fileNames(out) {
  const names = []
  for (const entry of await readdir(out, { withFileTypes: true, recursive: true })) {
    if (entry.isFile() || entry.isSymbolicLink()) names.push(join(entry.parentPath ?? entry.path, entry.name).slice(out.length + 1))
  }
  return names.sort()
}

async function prove(out) {
  const versions = {}
  for (const [program, flag] of PROOF) {
    const env = { ...process.env, XTABLES_LIBDIR: join(out, 'iptables/xtables') }
    const text = await run(join(out, program), [flag], { env })
    versions[program] = text.trim().split('\n')[0] ?? ''
  }
  return versions
}

async function build({ out, cache, suite, recipe, glibc, say }) {
  const release = await osRelease()
  const codename = release.VERSION_CODENAME ?? ''
  const known = SUITES.includes(codename) ? SUITES : [codename, ...SUITES]
  const order = suite ? [suite] : release.ID === 'debian' ? known : [codename]
  const base = [codename, ...known.slice(known.indexOf(codename) + 1)]
  const apt = await openApt({ folder: join(cache, 'apt'), suites: release.ID === 'debian' ? [...new Set([...known, ...order])] : [codename], codename, names: PACKAGES, say })
  const work = join(cache, `work-${process.pid}`)
  const fresh = `${out}.new-${process.pid}`
  try {
    const shelfFolder = join(work, 'packages')
    await mkdir(shelfFolder, { recursive: true })
    await mkdir(join(fresh, 'cli-plugins'), { recursive: true })
    const shelf = createShelf(apt, shelfFolder)
    for (const part of PARTS) {
      const only = part.optional || (suite && part.name === 'engine')
      const suites = part.from === 'base' ? base : only ? order : [...new Set([...order, ...base])]
      const chosen = resolvePart(apt, part, suites, glibc)
      if (!chosen && part.optional) continue
      if (!chosen) throw new BuildError(`no package for ${part.packages.join(' + ')} in ${suites.join(', ')} fits glibc ${glibc.join('.')}; is the package mirror reachable?`)
      say(`${part.name}: ${chosen.packages.map(([name, version]) => `${name} ${version}`).join(', ')} (${chosen.suite})`)
      const roots = []
      for (const [name, version] of chosen.packages) roots.push(await shelf.take(name, version, chosen.suite))
      const placed = await placePart(part, roots, fresh)
      if (!placed && part.optional) shelf.forget(chosen.packages)
      else if (!placed) throw new BuildError(`${part.packages.join(' + ')} of ${chosen.suite} lacks a file the bundle needs`)
    }
    const tool = resolvePart(apt, { packages: ['patchelf'] }, base, glibc)
    if (!tool) throw new BuildError('the package patchelf was not found; is the package mirror reachable?')
    const patchelf = join(work, 'patchelf')
    await run('dpkg-deb', ['-x', await apt.fetch(...tool.packages[0]), patchelf])
    say('linking libraries')
    await linkLibraries({ out: fresh, finalOut: out, shelf, apt, suites: base, patchelf: join(patchelf, 'usr/bin/patchelf') })
    await copyLicences(fresh, shelfFolder)
    for (const [script, target] of Object.entries(SCRIPTS)) {
      await copyFile(new URL(script, import.meta.url), join(fresh, target))
      await chmod(join(fresh, target), 0o755)
    }
    const versions = await prove(fresh)
    const packages = shelf.all()
    const manifest = {
      format: 1,
      stamp: stampOf(recipe, packages),
      glibc: glibc.join('.'),
      builtAt: out,
      versions,
      packages,
      files: await describeFiles(fresh, await fileNames(fresh)),
    }
    await writeFile(join(fresh, 'manifest.json'), JSON.stringify(manifest, null, 2) + '\n')
    await rm(out, { recursive: true, force: true })
    await rename(fresh, out)
  } finally {
    await rm(work, { recursive: true, force: true })
    await rm(fresh, { recursive: true, force: true })
  }
}

async function main() {
  let options
  try {
    const text = { type: 'string' }
    const flag = { type: 'boolean' }
    options = parseArgs({ options: { out: text, cache: text, suite: text, refresh: flag, quiet: flag, help: flag } }).values
  } catch (error) {
    throw new BuildError(`${error.message} (see --help)`)
  }
  if (options.help) return void process.stdout.write(HELP)
  if (!options.out) throw new BuildError('--out DIR is needed (see --help)')
  if (process.platform !== 'linux') throw new BuildError('the native engine runs on Linux only; on this system connect to an existing engine')
  const say = (line) => options.quiet || process.stdout.write(`engine bundle: ${line}\n`)
  await mkdir(dirname(resolve(options.out)), { recursive: true })
  const out = join(await realpath(dirname(resolve(options.out))), basename(resolve(options.out)))
  const cache = resolve(options.cache ?? join(dirname(out), 'packages'))
  // Hundreds of megabytes each.
  await sweep(dirname(out), `${basename(out)}.new-`)
  await sweep(cache, 'work-')
  await sweep(join(cache, 'apt'), 'download-')
  const recipe = await recipeHash(options.suite)
  const glibc = await hostGlibc()
  if (!options.refresh && (await isCurrent(out, recipe, glibc))) return say('current')
  if (!(await run('apt-get', ['--version']).catch(() => ''))) throw new BuildError('apt-get is missing: the engine bundle is made from Debian packages, so build it on Debian 12 or newer')
  await withLock(cache, async () => {
    if (!options.refresh && (await isCurrent(out, recipe, glibc))) return say('current')
    await build({ out, cache, suite: options.suite, recipe, glibc, say })
    say(`built in ${out}`)
  })
}

main().catch((error) => {
  process.stderr.write(`engine bundle: ${error instanceof BuildError ? error.message : error.stack}\n`)
  process.exitCode = 1
})
