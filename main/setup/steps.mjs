/** What must be there before Naru runs. Each step finds out itself whether there is anything to do. */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { isBuilt } from '../build.mjs'
import { ROOT } from './places.mjs'
import { run, SetupError, step } from './run.mjs'

const OLDEST_NODE = [20, 19]

/** Throws when this Node is too old for the tools. */
export function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const [needMajor, needMinor] = OLDEST_NODE
  if (major > needMajor || (major === needMajor && minor >= needMinor)) return
  throw new SetupError(`Naru needs Node ${needMajor}.${needMinor} or newer; this is ${process.versions.node}`)
}

/** Installs the dependencies of the lock file; scripts of packages are never run. */
export async function ensureDependencies() {
  const lock = readFileSync(join(ROOT, 'package-lock.json'))
  const stamp = createHash('sha256').update(lock).digest('hex')
  const stampFile = join(ROOT, 'node_modules/.naru-lock')
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return
  if (existsSync(join(ROOT, 'node_modules/.package-lock.json')) && (await matches())) {
    writeFileSync(stampFile, stamp)
    return
  }
  await step('installing dependencies', () => run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: ROOT }))
  writeFileSync(stampFile, stamp)
}

/** True when what npm says it installed is what the lock file asks for on this platform. */
async function matches() {
  const read = (path) => JSON.parse(readFileSync(join(ROOT, path), 'utf8')).packages
  try {
    const wanted = read('package-lock.json')
    const there = read('node_modules/.package-lock.json')
    return Object.entries(wanted).every(
      ([path, entry]) => path === '' || entry.optional || there[path]?.version === entry.version,
    )
  } catch {
    return false
  }
}

/** Builds the app when an input changed. */
export async function ensureBuild() {
  if (isBuilt()) return
  await step('building the app', () => run(process.execPath, [join(ROOT, 'main/build.mjs')], { cwd: ROOT }))
}

/** Caught failures of the engine's parts: Naru still works with the engines that are there. */
async function optionalPart(title, script, out, without) {
  const path = join(ROOT, script)
  if (!existsSync(path)) return `${title}: ${script} is missing in this copy of Naru; ${without}`
  mkdirSync(dirname(out), { recursive: true, mode: 0o700 })
  try {
    await step(title, () => run(process.execPath, [path, '--out', out, '--quiet'], { cwd: ROOT, limitMs: 1_800_000 }))
    return undefined
  } catch (error) {
    return `${without} (${error.message.split('\n').at(-1)})`
  }
}

/**
 * Makes the engine bundle and the welcome image in `cache`.
 * @param {string} cache absolute folder
 * @returns {Promise<string[]>} sentences about what could not be made
 */
export async function ensureEngine(cache) {
  const bundle = await optionalPart(
    'fetching the container engine',
    'engine/providers/native/bundle/build-bundle.mjs',
    join(cache, 'engine'),
    "Naru's own engine could not be prepared; other engines on this machine still work",
  )
  const welcome = await optionalPart(
    'making the welcome image',
    'assets/welcome/build-welcome.mjs',
    join(cache, 'welcome.tar'),
    'The welcome image could not be made',
  )
  return [bundle, welcome].filter((sentence) => sentence !== undefined)
}
