/**
 * Completes package-lock.json: `node main/lockfix.mjs [--check] [FILE]`. A registry view that does not list packages of
 * other platforms leaves them out of the lock, and `npm ci` then refuses the lock elsewhere. Each optional dependency
 * without an entry gets one, made from its name; npm skips it where it does not fit. Run it after every change of the lock.
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { argv, exit, stdout } from 'node:process'
import { fileURLToPath } from 'node:url'

const SYSTEMS = ['android', 'darwin', 'linux', 'win32', 'freebsd', 'openbsd', 'netbsd', 'sunos', 'aix', 'openharmony']
const PROCESSORS = ['arm64', 'x64', 'ia32', 'arm', 'ppc64', 'riscv64', 's390x', 'loong64', 'mips64el', 'wasm32']

/** Platform a package is for, read from the parts of its name; undefined when the name names none. */
export function platformOf(name) {
  const parts = name.split('/').at(-1).replace('linuxmusl', 'linux-musl').split('-')
  const system = SYSTEMS.find((one) => parts.includes(one))
  const processor = parts.includes('ppc64le') ? 'ppc64' : PROCESSORS.find((one) => parts.includes(one))
  if (!system && !processor) return undefined
  const musl = parts.some((part) => part.startsWith('musl'))
  const glibc = system === 'linux' && parts.some((part) => part.startsWith('gnu'))
  return {
    ...(system && { os: [system] }),
    ...(processor && { cpu: [processor] }),
    ...((musl || glibc) && { libc: [musl ? 'musl' : 'glibc'] }),
  }
}

/** Path under which `name` is found from the package at `from`, as Node looks for it; undefined when it is nowhere. */
function find(packages, from, name) {
  for (let base = from; ; ) {
    const path = `${base === '' ? '' : `${base}/`}node_modules/${name}`
    if (path in packages) return path
    if (base === '') return undefined
    const up = base.lastIndexOf('/node_modules/')
    base = up < 0 ? '' : base.slice(0, up)
  }
}

/** Entries a lock lacks, by path. Throws for an optional dependency whose platform cannot be told from its name. */
export function missingEntries(packages) {
  const missing = {}
  for (const [from, entry] of Object.entries(packages)) {
    for (const [name, range] of Object.entries(entry.optionalDependencies ?? {})) {
      if (find(packages, from, name)) continue
      const platform = platformOf(name)
      if (!platform) throw new Error(`${name} (wanted by ${from}) is not in the lock, and its name tells no platform`)
      missing[`node_modules/${name}`] = { version: range.replace(/^[\^~]/, ''), dev: true, optional: true, ...platform }
    }
  }
  return missing
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  const check = argv.includes('--check')
  const file = argv.slice(2).find((one) => !one.startsWith('-')) ?? join(fileURLToPath(import.meta.url), '../../package-lock.json')
  const lock = JSON.parse(readFileSync(file, 'utf8'))
  const missing = missingEntries(lock.packages)
  const count = Object.keys(missing).length
  if (check || count === 0) {
    stdout.write(count === 0 ? 'the lock is complete\n' : `${count} entries are missing: ${Object.keys(missing).join(', ')}\n`)
    exit(count === 0 ? 0 : 1)
  }
  const packages = Object.entries({ ...lock.packages, ...missing }).sort(([left], [right]) => (left < right ? -1 : 1))
  writeFileSync(`${file}.new`, `${JSON.stringify({ ...lock, packages: Object.fromEntries(packages) }, null, 2)}\n`)
  renameSync(`${file}.new`, file)
  stdout.write(`added ${count} entries\n`)
}
