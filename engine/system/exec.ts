/** Runs programs: argument arrays only, bounded output, a time limit, cancellable. The one place that maps their failures. */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { NaruError } from '../contract/errors.ts'

export interface ExecOptions {
  readonly signal?: AbortSignal
  /** Milliseconds; default 30 000. The program is killed when it takes longer. */
  readonly timeoutMs?: number
  /** Bytes kept of each of stdout and stderr (the newest ones); default 1 MiB. */
  readonly maxBytes?: number
  /** Written to its stdin, which is then closed. */
  readonly input?: string
  readonly env?: NodeJS.ProcessEnv
  readonly cwd?: string
  /** Told of stdout as it comes. */
  readonly onOutput?: (chunk: Buffer) => void
  /** Exit codes that are no failure; default [0]. */
  readonly okCodes?: readonly number[]
}

export interface ExecResult {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Keeps the newest `limit` bytes of what it is given. */
function tail(limit: number): { add: (chunk: Buffer) => void; text: () => string } {
  const chunks: Buffer[] = []
  let size = 0
  return {
    add: (chunk) => {
      chunks.push(chunk)
      size += chunk.length
      while (chunks.length > 1 && size - (chunks[0]?.length ?? 0) >= limit) size -= chunks.shift()?.length ?? 0
    },
    text: () => Buffer.concat(chunks).subarray(-limit).toString('utf8'),
  }
}

/** Milliseconds between a polite end and a forced one. */
const KILL_AFTER_MS = 2_000

function endKindly(child: ChildProcess): void {
  child.kill('SIGTERM')
  setTimeout(() => {
    child.kill('SIGKILL')
    // Whatever it left behind may hold its output open for ever: only the program itself is waited for.
    child.stdout?.destroy()
    child.stderr?.destroy()
  }, KILL_AFTER_MS).unref()
}

/** What a failure to even start `file` means. */
function startError(file: string, error: NodeJS.ErrnoException): NaruError {
  const params = { program: file }
  if (error.code === 'ENOENT') {
    return new NaruError('not-found', `the program ${file} was not found`, { params, hint: 'program-missing', cause: error })
  }
  if (error.code === 'EACCES' || error.code === 'EPERM') {
    return new NaruError('denied', `not allowed to run ${file}`, { params, detail: error.message, cause: error })
  }
  return new NaruError('internal', `cannot run ${file}`, { params, detail: error.message, cause: error })
}

/**
 * Runs `file` with `args` to its end.
 * Errors: `not-found` (no such program), `denied`, `timeout`, `cancelled`, `internal` (other exit code; stderr in `detail`).
 */
export function exec(file: string, args: readonly string[], options: ExecOptions = {}): Promise<ExecResult> {
  const { signal, timeoutMs = 30_000, maxBytes = 1 << 20, input, okCodes = [0] } = options
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(new NaruError('cancelled', 'cancelled'))
      return
    }
    const child = spawn(file, args, { env: options.env, cwd: options.cwd, stdio: ['pipe', 'pipe', 'pipe'] })
    const out = tail(maxBytes)
    const err = tail(maxBytes)
    let ended: NaruError | undefined
    const end = (reason: NaruError): void => {
      ended ??= reason
      endKindly(child)
    }
    const timer = setTimeout(() => end(new NaruError('timeout', `${file} took longer than ${timeoutMs} ms`, { params: { program: file } })), timeoutMs)
    const onAbort = (): void => end(new NaruError('cancelled', 'cancelled'))
    signal?.addEventListener('abort', onAbort, { once: true })
    const settle = (act: () => void): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
      act()
    }
    child.stdout.on('data', out.add)
    if (options.onOutput) child.stdout.on('data', options.onOutput)
    child.stderr.on('data', err.add)
    // A program that does not read its input closes the pipe early; that is its right.
    child.stdin.on('error', () => undefined)
    child.stdin.end(input ?? '')
    // More than one may come: a program that changed its user cannot be killed, and says so each time.
    child.on('error', (error) => settle(() => reject(startError(file, error))))
    child.once('close', (code, signalName) => {
      settle(() => {
        const result = { code: code ?? -1, stdout: out.text(), stderr: err.text() }
        if (ended) reject(ended)
        else if (code !== null && okCodes.includes(code)) resolve(result)
        else reject(exitError(file, args, code ?? signalName ?? 'unknown', result))
      })
    })
  })
}

function exitError(file: string, args: readonly string[], code: number | string, result: ExecResult): NaruError {
  const detail = (result.stderr || result.stdout).trim()
  return new NaruError('internal', `${file} ended with ${code}`, {
    params: { program: file, command: [file, ...args].join(' '), code },
    ...(detail && { detail }),
  })
}
