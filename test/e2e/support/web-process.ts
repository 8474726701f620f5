/** The web shell's process without a browser. */
import { spawn } from 'node:child_process'
import type { ChildProcess, ChildProcessWithoutNullStreams } from 'node:child_process'
import { join } from 'node:path'
import { ROOT } from './environment.ts'
import type { World } from './environment.ts'

const START_LIMIT = 30_000
const END_LIMIT = 12_000

export interface WebProcess {
  readonly child: ChildProcess
  /** One-time address. */
  readonly address: string
  /** `http://127.0.0.1:PORT`. */
  readonly origin: string
  /** What it has printed so far, both streams. */
  readonly printed: () => string
  readonly stop: () => Promise<void>
}

/** Starts the web shell's process without a browser. Rejects when it prints no address in time. */
export async function startWebProcess(world: World, args: readonly string[] = []): Promise<WebProcess> {
  const script = join(ROOT, 'out/web/web.cjs')
  const child = spawn(process.execPath, [script, '--no-open', ...args], { env: world.env, stdio: 'pipe' })
  return watchWebProcess(child)
}

/** Waits for the address that a web shell prints. Rejects when it prints none in time. */
export async function watchWebProcess(child: ChildProcessWithoutNullStreams): Promise<WebProcess> {
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  let output = ''
  const address = await new Promise<string>((resolve, reject) => {
    const fail = (): void => reject(new Error(`the web shell printed no address:\n${output}`))
    const limit = setTimeout(fail, START_LIMIT)
    const read = (part: Buffer): void => {
      output += part.toString()
      const found = /http:\/\/127\.0\.0\.1:\d+\/\S+/.exec(output)
      if (!found) return
      clearTimeout(limit)
      resolve(found[0])
    }
    child.stdout.on('data', read)
    child.stderr.on('data', read)
    child.once('exit', fail)
  })
  return {
    child,
    address,
    origin: new URL(address).origin,
    printed: () => output,
    stop: async () => {
      child.kill('SIGTERM')
      const force = setTimeout(() => child.kill('SIGKILL'), END_LIMIT)
      await gone
      clearTimeout(force)
    },
  }
}
