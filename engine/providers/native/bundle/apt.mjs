/**
 * A private apt: its own sources, lists and cache below one folder, so the machine's own apt set-up stays untouched.
 * Mirror address and keyring are read from the machine's sources when it runs. Needs no root.
 */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { pipeline } from 'node:stream/promises'

/** An expected failure: its message is one sentence for the person, without a stack. */
export class BuildError extends Error {}

/** How long package lists are trusted before they are fetched again, milliseconds. */
const LISTS_FRESH_MS = 6 * 3600_000

/** Runs a program with an argument array; rejects with BuildError naming it and its last words. */
export function run(file, args, options = {}) {
  return new Promise((resolve, reject) => {
    execFile(file, args, { maxBuffer: 64 << 20, timeout: 600_000, ...options }, (error, stdout, stderr) => {
      if (!error) return resolve(stdout)
      if (error.code === 'ENOENT') return reject(new BuildError(`the program "${file}" is missing on this machine`))
      const last = String(stderr || stdout).trim().split('\n').slice(-3).join(' | ')
      reject(Object.assign(new BuildError(`${basename(file)} failed: ${last || error.message}`), { stdout }))
    })
  })
}

/** SHA-256 of a file, hex. */
export async function sha256(path) {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex')
}

/** `KEY=value` lines of /etc/os-release. */
export async function osRelease() {
  const text = await readFile('/etc/os-release', 'utf8').catch(() => '')
  return Object.fromEntries([...text.matchAll(/^([A-Z_]+)="?([^"\n]*)"?$/gm)].map((match) => [match[1], match[2]]))
}

/** Sources of a deb822 (`.sources`) or one-line (`.list`) file: [{uri, suites, options}]. */
export function parseSources(text, deb822) {
  if (!deb822) {
    return [...text.matchAll(/^\s*deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)/gm)].map((match) => ({
      uri: match[2],
      suites: [match[3]],
      signedBy: /signed-by=(\S+)/i.exec(match[1] ?? '')?.[1],
    }))
  }
  return text.split(/\n\s*\n/).flatMap((stanza) => {
    const field = (name) => new RegExp(`^${name}:[ \\t]*(.+)$`, 'mi').exec(stanza)?.[1]?.trim()
    if (!/\bdeb\b/.test(field('Types') ?? '') || field('Enabled') === 'no' || !field('URIs')) return []
    const signedBy = field('Signed-By')?.startsWith('/') ? field('Signed-By') : undefined
    return field('URIs').split(/\s+/).map((uri) => ({ uri, suites: (field('Suites') ?? '').split(/\s+/), signedBy }))
  })
}

async function hostSources() {
  const folder = '/etc/apt/sources.list.d'
  const names = (await readdir(folder).catch(() => [])).filter((name) => /\.(sources|list)$/.test(name))
  const files = ['/etc/apt/sources.list', ...names.sort().map((name) => join(folder, name))]
  const all = []
  for (const file of files) {
    all.push(...parseSources(await readFile(file, 'utf8').catch(() => ''), file.endsWith('.sources')))
  }
  return all
}

/** The lines of a sources list for `suites`, with their security suites where the machine knows such an archive. */
function sourceLines(sources, codename, suites) {
  const option = (source) => (source.signedBy ? `[signed-by=${source.signedBy}] ` : '')
  const base = sources.find((source) => source.suites.includes(codename))
  if (!base) throw new BuildError(`no apt source for "${codename}" was found below /etc/apt; add the distribution's main archive first`)
  const security = sources.find((source) => source.suites.includes(`${codename}-security`))
  return [...suites].sort().flatMap((suite) => [
    `deb ${option(base)}${base.uri} ${suite} main`,
    ...(security && suite === codename ? [`deb ${option(security)}${security.uri} ${suite}-security main`] : []),
  ])
}

/** Versions by `name/suite` and least glibc by `name=version`, as the package lists tell them. */
async function readCatalogue(apt, names) {
  const versions = new Map()
  for (const line of (await apt('apt-cache', ['madison', ...names])).split('\n')) {
    const [name, version, source = ''] = line.split('|').map((part) => part.trim())
    const suite = source.split(' ')[1]?.split('/')[0]?.replace(/-(security|updates)$/, '')
    if (suite && !versions.has(`${name}/${suite}`)) versions.set(`${name}/${suite}`, version)
  }
  const wanted = [...new Set([...versions].map(([key, version]) => `${key.split('/')[0]}=${version}`))]
  const glibc = new Map()
  if (wanted.length === 0) return { versions, glibc }
  for (const record of (await apt('apt-cache', ['show', ...wanted])).split(/\n\n+/)) {
    const field = (name) => new RegExp(`^${name}: (.+)$`, 'm').exec(record)?.[1] ?? ''
    const needs = [...record.matchAll(/libc6 \(>= (\d+)\.(\d+)/g)].map((match) => [Number(match[1]), Number(match[2])])
    const most = needs.sort((a, b) => b[0] - a[0] || b[1] - a[1])[0]
    if (most) glibc.set(`${field('Package')}=${field('Version')}`, most)
  }
  return { versions, glibc }
}

/**
 * Opens the private apt below `folder` for `suites`, fetching the lists when they are older than six hours;
 * `names` are the packages that will be asked about (two calls of apt answer for all of them).
 * Returns {versions, depends, fetch}: see each.
 */
export async function openApt({ folder, suites, codename, names, say }) {
  const at = (name) => join(folder, name)
  for (const name of ['state/lists/partial', 'cache/archives/partial', 'debs']) await mkdir(at(name), { recursive: true })
  const lines = sourceLines(await hostSources(), codename, suites).join('\n') + '\n'
  const changed = (await readFile(at('sources.list'), 'utf8').catch(() => '')) !== lines
  await writeFile(at('sources.list'), lines)
  await writeFile(at('state/status'), '')
  const settings = [
    `Dir::Etc::sourcelist=${at('sources.list')}`,
    'Dir::Etc::sourceparts=-',
    'Dir::Etc::preferences=-',
    'Dir::Etc::preferencesparts=-',
    `Dir::State=${at('state')}`,
    `Dir::State::status=${at('state/status')}`,
    `Dir::Cache=${at('cache')}`,
    // Some machines switch these off; without them every call reads the lists anew (seconds each).
    'Dir::Cache::pkgcache=pkgcache.bin',
    'Dir::Cache::srcpkgcache=srcpkgcache.bin',
    'Acquire::GzipIndexes=false',
    'APT::Sandbox::User=root',
    'Acquire::Languages=none',
    'Acquire::Retries=3',
  ].flatMap((setting) => ['-o', setting])
  const environment = { ...process.env, LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' }
  const apt = (tool, args, cwd) => run(tool, [...settings, ...args], { env: environment, cwd })

  const fetched = await stat(at('lists-fetched')).catch(() => undefined)
  if (changed || !fetched || Date.now() - fetched.mtimeMs > LISTS_FRESH_MS) {
    say('reading package lists')
    // A suite the mirror does not have fails the command although the others were read: what counts is what is found.
    await apt('apt-get', ['update', '-qq']).then(
      () => writeFile(at('lists-fetched'), ''),
      (error) => say(`some package lists could not be read (${error.message})`),
    )
  }

  const { versions, glibc } = await readCatalogue(apt, names)

  return {
    /** Newest version of a package in one suite (its security updates included), or undefined. */
    version: (name, suite) => versions.get(`${name}/${suite}`),
    /** Least glibc a package asks for, as [major, minor]; [0, 0] when it needs none. */
    glibc: (name, version) => glibc.get(`${name}=${version}`) ?? [0, 0],
    /** Downloads a package (verified by apt against the archive's signature) and returns its path. */
    async fetch(name, version) {
      const kept = join(at('debs'), `${name}_${version.replace(/[^\w.+~-]/g, '_')}.deb`)
      if (await stat(kept).catch(() => undefined)) return kept
      const fresh = at(`download-${process.pid}`)
      await rm(fresh, { recursive: true, force: true })
      await mkdir(fresh, { recursive: true })
      try {
        await apt('apt-get', ['download', '-qq', `${name}=${version}`], fresh)
        const [file] = await readdir(fresh)
        if (!file) throw new BuildError(`apt-get download brought no file for ${name} ${version}`)
        await rename(join(fresh, file), kept)
      } finally {
        await rm(fresh, { recursive: true, force: true })
      }
      return kept
    },
  }
}

/** One builder at a time per folder: waits for another one (up to ten minutes), ignores a dead one's lock. */
export async function withLock(folder, work) {
  const lock = join(folder, 'builder.lock')
  await mkdir(folder, { recursive: true })
  for (const started = Date.now(); ; await new Promise((resolve) => setTimeout(resolve, 300))) {
    try {
      await writeFile(lock, String(process.pid), { flag: 'wx' })
      break
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
      const holder = Number(await readFile(lock, 'utf8').catch(() => '0'))
      const alive = holder > 0 && (await stat(`/proc/${holder}`).catch(() => undefined))
      const age = Date.now() - ((await stat(lock).catch(() => undefined))?.mtimeMs ?? Date.now())
      if (!alive && age > 2000) await rm(lock, { force: true })
      if (Date.now() - started > 600_000) throw new BuildError(`another build holds ${lock} for ten minutes; remove it if none runs`)
    }
  }
  try {
    return await work()
  } finally {
    await rm(lock, { force: true })
  }
}
