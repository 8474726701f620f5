/** Running programs during set-up, and telling about it: one line per step, and only when there is something to do. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { stdout } from 'node:process'

/** An expected failure of set-up: its message is for the person, without a stack. */
export class SetupError extends Error {}

/** A step that takes longer than this says its name, ms. */
const SILENT_MS = 2_000
const KEPT_LINES = 12

/** Programs of set-up that run now: a set-up that is told to end takes them along. */
const running = new Set()
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP']

function endAll(signal) {
  for (const child of running) child.kill(signal)
  process.exit(signal === 'SIGINT' ? 130 : 143)
}

/** Listens only while something runs, so that at other times signals do what they always do. */
function track(child) {
  if (running.size === 0) for (const signal of SIGNALS) process.on(signal, endAll)
  running.add(child)
}

function untrack(child) {
  running.delete(child)
  if (running.size === 0) for (const signal of SIGNALS) process.off(signal, endAll)
}

/**
 * Runs a program to its end with its output kept, not shown. Rejects with a SetupError that ends with its last words.
 * @param {string} file
 * @param {string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, limitMs?: number }} [options]
 * @returns {Promise<string>} what it printed to stdout
 */
export async function run(file, args, { cwd, env = process.env, limitMs = 900_000 } = {}) {
  const child = spawn(file, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], timeout: limitMs, killSignal: 'SIGKILL' })
  track(child)
  let output = ''
  let lines = ''
  child.stdout.on('data', (part) => {
    output += part
    lines = tail(lines + part)
  })
  child.stderr.on('data', (part) => {
    lines = tail(lines + part)
  })
  const [code, signal] = await once(child, 'close')
    .catch((error) => {
      throw new SetupError(error.code === 'ENOENT' ? `the program "${file}" is missing on this machine` : error.message)
    })
    .finally(() => untrack(child))
  if (code === 0) return output
  const end = signal ? `did not end within ${limitMs / 1000} s` : `failed (exit code ${code})`
  throw new SetupError(`${file} ${args[0] ?? ''} ${end}\n${lines.trim()}`)
}

const tail = (text) => text.split('\n').slice(-KEPT_LINES).join('\n')

/**
 * Does a step; prints its title when it turns out to take a while, so a start with nothing to do stays silent.
 * @template T
 * @param {string} title
 * @param {() => Promise<T>} work
 */
export async function step(title, work) {
  const timer = setTimeout(() => stdout.write(`· ${title}\n`), SILENT_MS)
  try {
    return await work()
  } finally {
    clearTimeout(timer)
  }
}
