/** What builds from pinned packages share: fetching as pinned, the record of what was taken, licences, digests. */
import { mkdir, readFile, readdir, realpath, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { BuildError, run, sha256 } from './apt.mjs'

/** Where the sources of Debian's binaries are; a part of every manifest. */
export const DEBIAN_SOURCES = 'Debian source packages, by `source` and `sourceVersion` of each package: https://sources.debian.org and https://snapshot.debian.org.'

/** A lock file's contents; an empty one when there is none. @param {URL} url */
export const readLock = (url) => readFile(url, 'utf8').then(JSON.parse, () => ({ packages: {}, files: {} }))

/** True when `out` is whole and was made by this recipe; nothing is fetched to find out. */
export async function isCurrent(out, recipe) {
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
export function createStore({ apt, lock, refresh, say }) {
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

/** Copies the copyright file of every package below `tree` into `out`. */
export async function copyLicences(tree, out) {
  await mkdir(out, { recursive: true })
  const docs = join(tree, 'usr/share/doc')
  for (const name of (await readdir(docs).catch(() => [])).sort()) {
    const source = await realpath(join(docs, name, 'copyright')).catch(() => undefined)
    if (source?.startsWith(tree)) await writeFile(join(out, `${name}.copyright`), await readFile(source))
  }
}

/** Sizes and digests of `names` below `folder`, in their order. */
export async function describeFiles(folder, names) {
  const files = {}
  for (const name of names) files[name] = { size: (await stat(join(folder, name))).size, sha256: await sha256(join(folder, name)) }
  return files
}

/** What a lock file pins of the packages that were taken. */
export const pinsOf = (packages) =>
  Object.fromEntries(packages.map(({ package: name, version, suite, sha256: digest }) => [name, { version, suite, sha256: digest }]))

/** Whether every package is the pinned one. */
export const isAsPinned = (packages, lock) => packages.every((each) => lock.packages[each.package]?.sha256 === each.sha256)
