/**
 * Puts what an installer carries beside the app into `resources/`: the engine's bundle, the virtual machine's image, its
 * QEMU, the welcome image, the notices of all third parties, and the bill of materials. The app is built before, because only
 * a build knows whose code is in it. main/setup/installers.mjs runs it before electron-builder.
 *   node main/setup/pack.mjs [--cache DIR] [--out DIR]
 */
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { billOfMaterials, shippedPackages } from './sbom.mjs'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** Name in the package → what must be in it for it to be whole. */
const PARTS = { engine: 'manifest.json', 'vm-image': 'manifest.json', qemu: 'manifest.json', 'welcome.tar': '' }

/** Those that are made of Debian's packages. */
const DEBIAN_PARTS = ['engine', 'vm-image', 'qemu']

/** Packages in the app, and the texts of their licences. */
function bundledPackages(root) {
  const shipped = shippedPackages(root)
  const list = shipped.map(({ name, version, license }) => `${name} ${version}: ${license}`).sort()
  const texts = shipped.flatMap(({ folder, name }) => {
    const files = readdirSync(join(root, folder)).filter((file) => /^(?:licen[cs]e|notice|copying)(?:[.-]|$)/i.test(file))
    return files.sort().map((file) => `---- ${name}: ${file}\n\n${readFileSync(join(root, folder, file), 'utf8')}`)
  })
  return { list: list.join('\n'), texts }
}

/** Debian packages of a part, with where their sources are; licences lie in its folder `licenses`. */
function debianPackages(folder) {
  const { packages = [], sources = '' } = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'))
  return [sources, ...packages.map(({ package: name, version, source, sourceVersion }) => `${name} ${version}${source ? ` (source ${source} ${sourceVersion ?? version})` : ''}`)].filter(Boolean)
}

/** Text of THIRD-PARTY-NOTICES.txt. */
export function notices(root, parts) {
  const app = bundledPackages(root)
  const texts = parts.flatMap((folder) => {
    const licences = join(folder, 'licenses')
    return existsSync(licences) ? readdirSync(licences).sort().map((name) => `---- ${name}\n\n${readFileSync(join(licences, name), 'utf8')}`) : []
  })
  const lists = parts.map((folder) => debianPackages(folder).join('\n'))
  return ['Naru contains parts of others.', 'Packages of the application:', app.list, 'Packages of the engine, the virtual machine and its QEMU:', ...lists, ...app.texts, ...texts].join('\n\n') + '\n'
}

/** @throws Error naming what is missing */
export function pack({ root, cache, out }) {
  const missing = Object.entries(PARTS).filter(([name, inside]) => !existsSync(join(cache, name, inside)))
  if (missing.length > 0) throw new Error(`missing in ${cache}: ${missing.map(([name]) => name).join(', ')}`)
  if (!existsSync(join(root, 'out/.bundled.json'))) throw new Error('the app is not built (npm run build)')
  rmSync(out, { recursive: true, force: true })
  mkdirSync(out, { recursive: true })
  for (const name of Object.keys(PARTS)) cpSync(join(cache, name), join(out, name), { recursive: true, verbatimSymlinks: true })
  const parts = Object.fromEntries(DEBIAN_PARTS.map((name) => [name, join(cache, name)]))
  writeFileSync(join(out, 'THIRD-PARTY-NOTICES.txt'), notices(root, Object.values(parts)))
  writeFileSync(join(out, 'sbom.cdx.json'), `${JSON.stringify(billOfMaterials({ root, parts }), null, 2)}\n`)
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
