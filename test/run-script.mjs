/** Runs the runners of the suites: each in a process group of its own, so that a limit or Ctrl+C ends all of it. */
import { spawn } from 'node:child_process'
import { closeSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import process, { execPath, exit, stdout } from 'node:process'

const MINUTE = 60_000
/** Time a runner that is interrupted has to stop what its tests started, milliseconds. */
const STOP_MS = 20_000

/** Groups that run, by the pid of their first process. */
const running = new Set()

function signalGroup(pid, signal) {
  try {
    process.kill(-pid, signal)
  } catch {
    // It has ended.
  }
}

for (const [signal, code] of [['SIGINT', 130], ['SIGTERM', 143], ['SIGHUP', 129]]) {
  process.once(signal, () => {
    for (const pid of running) signalGroup(pid, signal)
    const end = () => {
      for (const pid of running) signalGroup(pid, 'SIGKILL')
      exit(code)
    }
    setTimeout(end, STOP_MS)
    setInterval(() => running.size === 0 && exit(code), 100)
  })
}

/**
 * Runs a script of Node to its end; resolves to its exit code, 1 when it had to be killed after `limitMs` milliseconds.
 * What it prints is added to the file `log`, and shown as it comes where `isShown`.
 */
export function runScript(root, script, args, { env, limitMs, log, isShown }) {
  return new Promise((resolve) => {
    const file = openSync(log, 'a')
    const put = (bytes) => {
      writeSync(file, bytes)
      if (isShown) stdout.write(bytes)
    }
    const colours = stdout.isTTY && isShown ? { FORCE_COLOR: '1' } : {}
    const child = spawn(execPath, [join(root, script), ...args], { cwd: root, env: { ...env, ...colours }, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
    child.stdout.on('data', put)
    child.stderr.on('data', put)
    const limit = setTimeout(() => {
      put(`${script} ${args.join(' ')}\n   did not end within ${limitMs / MINUTE} minutes\n`)
      signalGroup(child.pid, 'SIGKILL')
    }, limitMs)
    const end = (code) => {
      clearTimeout(limit)
      running.delete(child.pid)
      closeSync(file)
      resolve(code)
    }
    if (child.pid === undefined) return child.once('error', () => end(1))
    running.add(child.pid)
    // Programs that outlive the runner may hold its pipes open for ever: its own end counts.
    child.once('exit', (code) => setTimeout(() => {
      child.stdout.destroy()
      child.stderr.destroy()
      end(code ?? 1)
    }, 200))
  })
}
