/**
 * What `npm start` runs: sets everything up, then hands over to a shell. Plain Node without dependencies, because on
 * a fresh machine there are none yet.
 */
import { spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { argv, env, exit, stderr, stdout } from 'node:process'
import { adviseWithoutRoot } from './setup/advice.mjs'
import { ensurePackages, findProgram, isRoot } from './setup/apt.mjs'
import { findElectron, tryFetchElectron } from './setup/electron.mjs'
import { FlagError, HELP, readFlags } from './setup/flags.mjs'
import { ROOT, stateFolder } from './setup/places.mjs'
import { SetupError } from './setup/run.mjs'
import { checkNode, ensureBuild, ensureDependencies, ensureEngine } from './setup/steps.mjs'

const BROWSERS = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'microsoft-edge', 'brave-browser']
const ASK_LIMIT_MS = 2_000

const say = (line) => stdout.write(`${line}\n`)

/** Answer of a Naru that runs on this state already, or undefined. */
function askRunning(state) {
  const path = join(state, 'control.sock')
  if (!existsSync(path)) return Promise.resolve(undefined)
  return new Promise((resolve) => {
    let text = ''
    const socket = connect(path, () => socket.write('show\n'))
    socket.setTimeout(ASK_LIMIT_MS, () => socket.destroy())
    socket.on('data', (part) => (text += part))
    socket.on('error', () => resolve(undefined))
    socket.on('close', () => {
      try {
        resolve(JSON.parse(text))
      } catch {
        resolve(undefined)
      }
    })
  })
}

/** Says once per state folder what being root means. */
function explainRoot(state) {
  const note = join(state, '.root-explained')
  if (!isRoot() || existsSync(note)) return
  say("Naru runs as root: its engine is the machine's own, and its browser window runs without Chromium's sandbox.")
  writeFileSync(note, '')
}

/** Path of Electron when it shall be used. */
async function chooseElectron(flags, cache, display) {
  if (flags.web || flags['no-open'] || flags.port !== undefined) return undefined
  if (!flags.electron && !display) return undefined
  const path = findElectron() ?? (await tryFetchElectron(cache))
  if (!path && flags.electron) {
    throw new SetupError('Electron is not there and could not be fetched; start without --electron to use a Chromium window')
  }
  return path
}

async function ensureBrowser() {
  if (env.NARU_BROWSER || BROWSERS.some(findProgram)) return
  const missing = await ensurePackages(['chromium', 'fonts-noto-cjk'], "Naru's own window")
  if (missing) say(missing)
}

/** Runs a shell to its end; signals sent to this process are passed on. */
function handOver(file, args, state) {
  const child = spawn(file, args, { cwd: ROOT, stdio: 'inherit', env: { ...env, NARU_HOME: state, NARU_NODE: process.execPath } })
  // Ctrl+C reaches the shell on its own as well; a second one does no harm. This process waits for it to end.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('error', (error) => {
    stderr.write(`Naru could not start: ${error.message}\n`)
    exit(1)
  })
  child.on('exit', (code, signal) => exit(code ?? (signal === 'SIGINT' || signal === 'SIGTERM' ? 0 : 1)))
}

async function start(flags) {
  checkNode()
  const state = stateFolder(flags.home)
  const cache = join(state, 'cache')
  const display = Boolean(env.DISPLAY || env.WAYLAND_DISPLAY)
  const running = await askRunning(state).catch(() => undefined)
  if (running) return say(running.address ? `Naru is running at ${running.address}` : 'Naru is running; its window is in front.')
  mkdirSync(state, { recursive: true, mode: 0o700 })
  chmodSync(state, 0o700)
  explainRoot(state)
  await ensureDependencies()
  const [, troubles] = await Promise.all([ensureBuild(), ensureEngine(cache)])
  troubles.forEach(say)
  const advice = await adviseWithoutRoot(state)
  if (advice) say(advice)
  const electron = await chooseElectron(flags, cache, display)
  if (electron) return handOver(electron, [...(isRoot() ? ['--no-sandbox'] : []), ROOT], state)
  if (display && !flags['no-open']) await ensureBrowser()
  const args = [...(flags['no-open'] ? ['--no-open'] : []), ...(flags.port === undefined ? [] : ['--port', flags.port])]
  handOver(process.execPath, [join(ROOT, 'out/web/web.cjs'), ...args], state)
}

try {
  const flags = readFlags(argv.slice(2))
  if (flags.help) stdout.write(HELP)
  else if (flags.version) say(JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).version)
  else await start(flags)
} catch (error) {
  if (error instanceof FlagError) {
    stderr.write(`naru: ${error.message}\nTry: npm start -- --help\n`)
    exit(2)
  }
  stderr.write(`naru: ${error instanceof SetupError ? error.message : error.stack}\n`)
  exit(1)
}
