/**
 * Builds installers: the app, what is carried beside it, and what electron-builder makes of both.
 *   node main/setup/installers.mjs [--target dir,deb,tar.gz,AppImage] [--electron DIR] [--cache DIR] [--resources DIR] [--out DIR]
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join, relative, resolve } from 'node:path'
import { argv, env, execPath, exit, stderr, stdout } from 'node:process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { buildAll } from '../build.mjs'
import { findProgram } from './apt.mjs'
import { pack } from './pack.mjs'
import { ROOT } from './places.mjs'

const HELP = `Builds Naru's installers into release/.

Usage: npm run pack -- [--target dir,deb] [--electron DIR] [--cache DIR] [--resources DIR] [--out DIR]

  --target LIST   what to make: dir (the app laid out), deb, tar.gz, AppImage, dmg, nsis (default: dir,deb)
  --electron DIR  take Electron's distribution from this folder instead of downloading it
  --cache DIR     where the engine, the machine's image, its QEMU and the welcome image are, or are made (default: .naru/cache)
  --resources DIR where what is carried is put together (replaced; default: resources)
  --out DIR       default: release
`

/** Makers of what is carried, each does nothing when all is there: script below the project, name in the cache. */
const MAKERS = [
  ['engine/providers/native/bundle/build-bundle.mjs', 'engine'],
  ['engine/providers/vm/image/build-image.mjs', 'vm-image'],
  ['engine/providers/vm/qemu-bundle/build-qemu.mjs', 'qemu'],
  ['assets/welcome/build-welcome.mjs', 'welcome.tar'],
]

/** Runs a script of Node to its end. @throws Error when it fails */
async function run(script, args, more = {}) {
  const child = spawn(execPath, [script, ...args], { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'], env: { ...env, ...more } })
  const end = (signal) => child.kill(signal)
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, end)
  const [code] = await once(child, 'exit')
  for (const signal of ['SIGINT', 'SIGTERM']) process.off(signal, end)
  if (code !== 0) throw new Error(`${script} failed`)
}

/** electron-builder names systems by options and targets by words behind them. */
const systemOf = (target) => (['dmg', 'zip'].includes(target) ? '--mac' : target === 'nsis' ? '--win' : '--linux')

/** @param {{ targets: string[], cache: string, resources: string, out: string, electron?: string }} options */
async function makeInstallers({ targets, cache, resources, out, electron }) {
  await buildAll()
  for (const [script, name] of MAKERS) await run(join(ROOT, script), ['--out', join(cache, name), '--quiet'])
  pack({ root: ROOT, cache, out: resources })
  const systems = [...new Set(targets.map(systemOf))]
  const args = [
    ...systems.flatMap((system) => [system, ...targets.filter((target) => systemOf(target) === system)]),
    '--publish', 'never',
    `-c.directories.output=${out}`,
    ...(electron ? [`-c.electronDist=${electron}`] : []),
  ]
  await run(join(ROOT, 'node_modules/electron-builder/cli.js'), args, { ...ownTools(systems), NARU_RESOURCES: relative(ROOT, resources) })
}

/** What electron-builder would download, and own scripts do as well: fpm for a .deb, 7-Zip for a tar.gz. */
function ownTools(systems) {
  const script = (name) => fileURLToPath(new URL(name, import.meta.url))
  return {
    ...(findProgram('dpkg-deb') && { CUSTOM_FPM_PATH: env.CUSTOM_FPM_PATH ?? script('deb.mjs') }),
    // Other systems' packages are made of more than one file.
    ...(systems.every((system) => system === '--linux') && { ELECTRON_BUILDER_7ZIP_PATH: env.ELECTRON_BUILDER_7ZIP_PATH ?? script('gzip.mjs') }),
  }
}

async function main() {
  const text = { type: 'string' }
  const { values } = parseArgs({ options: { target: text, electron: text, cache: text, resources: text, out: text, help: { type: 'boolean' } } })
  if (values.help) return void stdout.write(HELP)
  await makeInstallers({
    targets: (values.target ?? 'dir,deb').split(','),
    cache: resolve(values.cache ?? join(ROOT, '.naru/cache')),
    resources: resolve(values.resources ?? join(ROOT, 'resources')),
    out: resolve(values.out ?? join(ROOT, 'release')),
    ...(values.electron && { electron: resolve(values.electron) }),
  })
}

if (argv[1] && resolve(argv[1]) === fileURLToPath(import.meta.url)) {
  main().catch((error) => {
    stderr.write(`installers: ${error.message}\n`)
    exit(1)
  })
}
