/**
 * Puts what an installer carries beside the app into `resources/`: the engine's bundle, the virtual machine's image, the
 * welcome image, and the notices of all third parties. Run it before electron-builder (see electron-builder.yml).
 *   node main/setup/pack.mjs [--cache DIR] [--out DIR]
 */
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** Name in the package → what must be in it for it to be whole. */
const PARTS = { engine: 'manifest.json', 'vm-image': 'manifest.json', 'welcome.tar': '' }

/** Packages that are bundled into the app: everything of the lock file that is there and says what licence it has. */
function bundledPackages(root) {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
  return Object.entries(packages)
    .filter(([path, { license }]) => path !== '' && license)
    .map(([path, { version, license }]) => `${path.replace(/^.*node_modules\//, '')} ${version}: ${license}`)
}

/** Debian packages of a part, with where their sources are; licences lie in its folder `licenses`. */
function debianPackages(folder) {
  const { packages = [], sources = '' } = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'))
  return [sources, ...packages.map(({ package: name, version, source, sourceVersion }) => `${name} ${version}${source ? ` (source ${source} ${sourceVersion ?? version})` : ''}`)].filter(Boolean)
}

/** Text of THIRD-PARTY-NOTICES.txt. */
export function notices(root, parts) {
  const texts = parts.flatMap((folder) => {
    const licences = join(folder, 'licenses')
    return existsSync(licences) ? readdirSync(licences).sort().map((name) => `---- ${name}\n\n${readFileSync(join(licences, name), 'utf8')}`) : []
  })
  const lists = parts.map((folder) => debianPackages(folder).join('\n'))
  return ['Naru contains parts of others.', 'Packages of the application:', bundledPackages(root).sort().join('\n'), 'Packages of the engine and the virtual machine:', ...lists, ...texts].join('\n\n') + '\n'
}

/** @throws Error naming what is missing */
export function pack({ root, cache, out }) {
  const missing = Object.entries(PARTS).filter(([name, inside]) => !existsSync(join(cache, name, inside)))
  if (missing.length > 0) throw new Error(`missing in ${cache}: ${missing.map(([name]) => name).join(', ')}`)
  rmSync(out, { recursive: true, force: true })
  mkdirSync(out, { recursive: true })
  for (const name of Object.keys(PARTS)) cpSync(join(cache, name), join(out, name), { recursive: true, verbatimSymlinks: true })
  writeFileSync(join(out, 'THIRD-PARTY-NOTICES.txt'), notices(root, [join(cache, 'engine'), join(cache, 'vm-image')]))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const text = { type: 'string' }
  const { cache = join(ROOT, '.naru/cache'), out = join(ROOT, 'resources') } = parseArgs({ options: { cache: text, out: text } }).values
  try {
    pack({ root: ROOT, cache: resolve(cache), out: resolve(out) })
    process.stdout.write(`resources of the installers are in ${resolve(out)}\n`)
  } catch (error) {
    process.stderr.write(`resources of the installers: ${error.message}\n`)
    process.exitCode = 1
  }
}
