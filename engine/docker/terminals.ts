/** The calls a terminal is made of: exec or attach, its connection, its size, its end; and which files a container has. */
import type { Duplex } from 'node:stream'
import { NaruError } from '../contract/errors.ts'
import type { CallOptions } from './engine-client.ts'
import type { Http } from './http.ts'

/** Body of `POST /containers/{id}/exec`, as far as a terminal needs it. */
export interface RawExecBody {
  readonly Cmd: readonly string[]
  readonly User?: string
  readonly WorkingDir?: string
  readonly Env?: readonly string[]
}

/** Answer of `GET /exec/{id}/json`; the exit code is null while it runs. */
export interface RawExecState {
  readonly Running?: boolean
  readonly ExitCode?: number | null
  /** Of the machine the engine runs on. */
  readonly Pid?: number
}

/** A question of `POST /containers/{id}/wait` on its way. */
export interface ExitWait {
  /** Resolves when the engine has begun to wait; some engines tell only with the answer. Never rejects. */
  readonly begun: Promise<void>
  /** @throws NaruError `cancelled` with the call's signal, `not-found`, and what breaks a connection */
  readonly exitCode: Promise<number>
}

export interface TerminalSizeCall {
  readonly columns: number
  readonly rows: number
}

export interface TerminalCalls {
  /** Makes (does not start) a process with a terminal of its own; gives its id. */
  readonly createExec: (id: string, body: RawExecBody, options?: CallOptions) => Promise<string>
  /** Starts it; the connection carries the raw bytes of its terminal both ways. The caller destroys it. */
  readonly startExec: (execId: string, options?: CallOptions) => Promise<Duplex>
  /** Runs it in the background, without a terminal; resolves when it was started. */
  readonly runExec: (id: string, body: RawExecBody, options?: CallOptions) => Promise<void>
  readonly resizeExec: (execId: string, size: TerminalSizeCall, options?: CallOptions) => Promise<void>
  readonly inspectExec: (execId: string, options?: CallOptions) => Promise<RawExecState>
  /**
   * The streams of the container's main process, from now on: raw with a terminal of its own, else in frames. A container
   * that does not run yet can be attached to: what it prints first is not lost then. The caller destroys it.
   */
  readonly attachContainer: (id: string, streams: { readonly stdin: boolean }, options?: CallOptions) => Promise<Duplex>
  readonly resizeContainer: (id: string, size: TerminalSizeCall, options?: CallOptions) => Promise<void>
  /** The exit code of its next end. No time limit: end it by the signal. */
  readonly waitForExit: (id: string, signal: AbortSignal) => ExitWait
  /** Whether a path is there; nothing runs in the container for it. */
  readonly hasPath: (id: string, path: string, options?: CallOptions) => Promise<boolean>
}

/** The keys that leave a container alone. Engines have them as their default; said all the same. */
const DETACH_KEYS = 'ctrl-p,ctrl-q'

const execPath = (execId: string): string => `/exec/${encodeURIComponent(execId)}`
const containerPath = (id: string): string => `/containers/${encodeURIComponent(id)}`

/** Makes an exec; gives its id. */
async function make(http: Http, id: string, body: Readonly<Record<string, unknown>>, options?: CallOptions): Promise<string> {
  const answer = await http.json({ ...options, method: 'POST', path: `${containerPath(id)}/exec`, subject: { container: id }, body })
  return answer && typeof answer === 'object' && 'Id' in answer ? String(answer.Id) : ''
}

function waitForExit(http: Http, id: string, signal: AbortSignal): ExitWait {
  const call = { method: 'POST', path: `${containerPath(id)}/wait`, query: { condition: 'next-exit' }, subject: { container: id } }
  const opened = http.open({ ...call, signal, timeoutMs: null })
  const read = async (): Promise<number> => {
    let text = ''
    for await (const chunk of await opened) text += String(chunk)
    const answer = JSON.parse(text) as { StatusCode?: unknown }
    if (typeof answer.StatusCode !== 'number') throw new NaruError('engine.not-an-engine', 'wait was answered without an exit code')
    return answer.StatusCode
  }
  return { begun: opened.then(() => undefined, () => undefined), exitCode: read() }
}

export function createTerminalCalls(http: Http): TerminalCalls {
  return {
    createExec: (id, body, options) => make(http, id, { ...body, Tty: true, AttachStdin: true, AttachStdout: true, AttachStderr: true }, options),
    runExec: async (id, body, options) => {
      const execId = await make(http, id, { ...body, Tty: false }, options)
      await http.json({ ...options, method: 'POST', path: `${execPath(execId)}/start`, body: { Detach: true, Tty: false } })
    },
    attachContainer: (id, { stdin }, options) =>
      http.upgrade(
        {
          ...options,
          method: 'POST',
          path: `${containerPath(id)}/attach`,
          query: { stream: true, stdin, stdout: true, stderr: true, detachKeys: DETACH_KEYS },
          subject: { container: id },
        },
        'tcp',
      ),
    resizeContainer: async (id, { columns, rows }, options) =>
      void (await http.json({ ...options, method: 'POST', path: `${containerPath(id)}/resize`, query: { w: columns, h: rows }, subject: { container: id } })),
    waitForExit: (id, signal) => waitForExit(http, id, signal),
    startExec: (execId, options) =>
      http.upgrade({ ...options, method: 'POST', path: `${execPath(execId)}/start`, body: { Detach: false, Tty: true } }, 'tcp'),
    resizeExec: async (execId, { columns, rows }, options) =>
      void (await http.json({ ...options, method: 'POST', path: `${execPath(execId)}/resize`, query: { w: columns, h: rows } })),
    inspectExec: async (execId, options) => {
      const answer = await http.json({ ...options, method: 'GET', path: `${execPath(execId)}/json` })
      return answer && typeof answer === 'object' ? (answer as RawExecState) : {}
    },
    hasPath: async (id, path, options) => {
      const call = { method: 'HEAD', path: `${containerPath(id)}/archive`, query: { path }, subject: { container: id } }
      return (await http.exchange({ ...options, ...call })).status === 200
    },
  }
}
