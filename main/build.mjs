/**
 * Builds everything into out/: `node main/build.mjs`. One build per script, never several inputs in one: shared chunks
 * would make one process load another one's entry. Nothing is built when no input changed since the last time.
 */
import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { join, relative, resolve } from 'node:path'
import { argv, exit, pid, stdout } from 'node:process'
import { fileURLToPath } from 'node:url'

const root = resolve(fileURLToPath(new URL('..', import.meta.url)))
const out = join(root, 'out')
const stampFile = join(out, '.stamp')
/** Built here and moved to out/ at the end, so a failed or concurrent build never leaves half an app. */
const fresh = join(root, '.naru', `build-${pid}`)
const INPUTS = ['engine', 'main', 'renderer', 'assets', 'package.json', 'package-lock.json']
const SKIPPED = new Set(['node_modules', 'out', '.git'])

/** Scripts for Node, in the order they are built: folder and name in out/, source, what stays outside. */
const SCRIPTS = [
  { to: 'main/main', from: 'main/main.ts' },
  { to: 'preload/preload', from: 'main/preload.ts' },
  { to: 'engine/engine-process', from: 'main/engine-process.ts' },
  { to: 'web/web', from: 'main/web/web.ts' },
  { to: 'worker/log-worker', from: 'engine/logs/worker.ts' },
  { to: 'worker/layer-worker', from: 'engine/layers/worker.ts' },
  { to: 'worker/search-worker', from: 'engine/logs/search-worker.ts', optional: true },
]

function* files(path) {
  for (const entry of readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const full = join(path, entry.name)
    if (SKIPPED.has(entry.name)) continue
    if (entry.isDirectory()) yield* files(full)
    else if (entry.isFile()) yield full
  }
}

/** Folders of the packages whose code got into any of the built files, for the notices and the bill of materials. */
const bundled = new Set()
const noteBundled = {
  name: 'note-bundled',
  generateBundle(_options, output) {
    for (const chunk of Object.values(output)) {
      for (const id of chunk.moduleIds ?? []) {
        const folder = /^.*\/(node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(id)
        if (folder) bundled.add(relative(root, folder[0]))
      }
    }
  },
}

/** Hash of every input's path and content. */
function fingerprint() {
  const hash = createHash('sha256').update(process.version)
  for (const input of INPUTS) {
    const path = join(root, input)
    if (!existsSync(path)) continue
    const all = input.includes('.') ? [path] : [...files(path)]
    for (const file of all) hash.update(`${relative(root, file)}\0`).update(readFileSync(file)).update('\0')
  }
  return hash.digest('hex')
}

/** ssh2 (below dockerode) tries native add-ons and falls back to JavaScript; none may reach the bundle. */
const noNative = {
  name: 'no-native',
  enforce: 'pre',
  resolveId: (id) => (/\.node$/.test(id) || id === 'cpu-features' ? '\0no-native' : null),
  load: (id) => (id === '\0no-native' ? 'throw new Error("native add-on left out")' : null),
}

/**
 * What dockerode brings for builds with a session and for SSH; neither goes through it here. Left in, it is a megabyte
 * of code that runs at every start.
 */
const UNUSED = new Set(['@grpc/grpc-js', '@grpc/proto-loader', 'protobufjs', 'ssh2'])
const leftOut = {
  name: 'left-out',
  enforce: 'pre',
  resolveId: (id) => (UNUSED.has(id) ? '\0left-out' : null),
  load: (id) => (id === '\0left-out' ? 'module.exports = {}' : null),
}

const builtins = new Set([...builtinModules, ...builtinModules.map((name) => `node:${name}`)])

function scriptConfig({ to, from }, version) {
  const slash = to.indexOf('/')
  return {
    root,
    configFile: false,
    logLevel: 'warn',
    define: { NARU_VERSION: JSON.stringify(version), 'process.env.WS_NO_BUFFER_UTIL': '"1"' },
    plugins: [noNative, leftOut, noteBundled],
    ssr: { noExternal: true, target: 'node' },
    build: {
      ssr: join(root, from),
      target: 'node20',
      outDir: join(fresh, to.slice(0, slash)),
      emptyOutDir: false,
      minify: false,
      sourcemap: false,
      copyPublicDir: false,
      rolldownOptions: {
        external: (id) => id === 'electron' || builtins.has(id),
        output: { format: 'cjs', entryFileNames: `${to.slice(slash + 1)}.cjs`, codeSplitting: false },
      },
    },
  }
}

async function pageConfig() {
  const [vue, tailwind] = await Promise.all([import('@vitejs/plugin-vue'), import('@tailwindcss/vite')])
  return {
    root: join(root, 'renderer'),
    configFile: false,
    logLevel: 'warn',
    // Relative: the web shell serves the page below a folder that is new with every session.
    base: './',
    define: { __VUE_OPTIONS_API__: 'false', __VUE_PROD_DEVTOOLS__: 'false', __INTLIFY_PROD_DEVTOOLS__: 'false' },
    plugins: [vue.default(), tailwind.default(), noteBundled],
    build: {
      outDir: join(fresh, 'renderer'),
      emptyOutDir: true,
      target: 'chrome140',
      minify: true,
      sourcemap: false,
      // A file, never a data: address: the page's policy allows data: for images only.
      assetsInlineLimit: 0,
      chunkSizeWarningLimit: 1500,
      modulePreload: { polyfill: false },
    },
  }
}

/** Removes what builds left that were ended half-way. */
function sweep() {
  if (!existsSync(join(root, '.naru'))) return
  for (const name of readdirSync(join(root, '.naru'))) {
    const builder = /^build-(\d+)$/.exec(name)?.[1]
    if (builder && !existsSync(`/proc/${builder}`)) rmSync(join(root, '.naru', name), { recursive: true, force: true })
  }
}

/** True when out/ was built from what is there now. Reads every input, a few milliseconds. */
export function isBuilt(stamp = fingerprint()) {
  return existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp
}

/**
 * Builds what changed. Returns true when anything was built.
 * @param {{ force?: boolean, say?: (line: string) => void }} [options]
 */
export async function buildAll({ force = false, say = (line) => stdout.write(`${line}\n`) } = {}) {
  const stamp = fingerprint()
  if (!force && isBuilt(stamp)) return false
  say('building the app')
  const { build } = await import('vite')
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  sweep()
  mkdirSync(fresh, { recursive: true })
  try {
    for (const script of SCRIPTS) {
      if (script.optional && !existsSync(join(root, script.from))) continue
      await build(scriptConfig(script, version))
    }
    await build(await pageConfig())
    for (const size of ['32x32', '256x256']) {
      cpSync(join(root, `assets/icons/${size}.png`), join(fresh, `icons/${size}.png`))
    }
    writeFileSync(join(fresh, '.bundled.json'), `${JSON.stringify([...bundled].sort())}\n`)
    writeFileSync(join(fresh, '.stamp'), stamp)
    rmSync(out, { recursive: true, force: true })
    renameSync(fresh, out)
  } finally {
    rmSync(fresh, { recursive: true, force: true })
  }
  return true
}

if (argv[1] && resolve(argv[1]) === fileURLToPath(import.meta.url)) {
  const args = argv.slice(2)
  if (args.some((arg) => arg !== '--force')) {
    console.error('usage: node main/build.mjs [--force]')
    exit(2)
  }
  try {
    const built = await buildAll({ force: args.includes('--force') })
    if (!built) stdout.write('nothing changed since the last build\n')
  } catch (error) {
    // The builder's message holds the place in the source; its stack is the builder's own.
    console.error(error.message)
    exit(1)
  }
}
