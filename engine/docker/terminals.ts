/** The calls a terminal is made of: exec, its connection, its size, its end; and which files a container has. */
import type { Duplex } from 'node:stream'
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
}

export interface TerminalCalls {
  /** Makes (does not start) a process with a terminal of its own; gives its id. */
  readonly createExec: (id: string, body: RawExecBody, options?: CallOptions) => Promise<string>
  /** Starts it; the connection carries the raw bytes of its terminal both ways. The caller destroys it. */
  readonly startExec: (execId: string, options?: CallOptions) => Promise<Duplex>
  readonly resizeExec: (execId: string, size: { readonly columns: number; readonly rows: number }, options?: CallOptions) => Promise<void>
  readonly inspectExec: (execId: string, options?: CallOptions) => Promise<RawExecState>
  /** Whether a path is there; nothing runs in the container for it. */
  readonly hasPath: (id: string, path: string, options?: CallOptions) => Promise<boolean>
}

const execPath = (execId: string): string => `/exec/${encodeURIComponent(execId)}`

export function createTerminalCalls(http: Http): TerminalCalls {
  return {
    createExec: async (id, body, options) => {
      const call = { method: 'POST', path: `/containers/${encodeURIComponent(id)}/exec`, subject: { container: id } }
      const answer = await http.json({ ...options, ...call, body: { ...body, Tty: true, AttachStdin: true, AttachStdout: true, AttachStderr: true } })
      return answer && typeof answer === 'object' && 'Id' in answer ? String(answer.Id) : ''
    },
    startExec: (execId, options) =>
      http.upgrade({ ...options, method: 'POST', path: `${execPath(execId)}/start`, body: { Detach: false, Tty: true } }, 'tcp'),
    resizeExec: async (execId, { columns, rows }, options) =>
      void (await http.json({ ...options, method: 'POST', path: `${execPath(execId)}/resize`, query: { w: columns, h: rows } })),
    inspectExec: async (execId, options) => {
      const answer = await http.json({ ...options, method: 'GET', path: `${execPath(execId)}/json` })
      return answer && typeof answer === 'object' ? (answer as RawExecState) : {}
    },
    hasPath: async (id, path, options) => {
      const call = { method: 'HEAD', path: `/containers/${encodeURIComponent(id)}/archive`, query: { path }, subject: { container: id } }
      return (await http.exchange({ ...options, ...call })).status === 200
    },
  }
}
