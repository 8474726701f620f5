/** The calls about what is inside one container: its processes, its changes, an image of them. */
import { NaruError } from '../contract/errors.ts'
import type { CallOptions } from './engine-client.ts'
import type { Http } from './http.ts'

/** Answer of `GET /containers/{id}/top`. Podman may give each row as one text. */
export interface RawTop {
  readonly Titles?: readonly string[] | null
  readonly Processes?: readonly (readonly string[])[] | null
}

/** An entry of `GET /containers/{id}/changes`. */
export interface RawChange {
  readonly Path: string
  /** 0 changed, 1 added, 2 deleted. Source: Engine API, schema FilesystemChange. */
  readonly Kind: number
}

export interface CommitQuery {
  readonly repo?: string
  readonly tag?: string
  readonly comment?: string
  readonly author?: string
  readonly pause: boolean
  readonly changes: readonly string[]
}

/** Both walk the whole writable layer before they answer; a commit also packs it. */
const CHANGES_MS = 120_000
const COMMIT_MS = 60 * 60_000

export interface InsideCalls {
  /**
   * `psArgs` as `ps` takes them; without them the engine chooses (`-ef`). Empty when Podman could not find out: it begins
   * its answer before it asks, so it cannot say why.
   */
  readonly topContainer: (id: string, psArgs: string | undefined, options?: CallOptions) => Promise<RawTop>
  readonly containerChanges: (id: string, options?: CallOptions) => Promise<RawChange[]>
  /** Warnings of the engine. */
  readonly updateContainer: (id: string, body: Readonly<Record<string, unknown>>, options?: CallOptions) => Promise<string[]>
  /** Id of the new image. */
  readonly commitContainer: (id: string, query: CommitQuery, options?: CallOptions) => Promise<string>
}

const pathOf = (id: string): string => `/containers/${encodeURIComponent(id)}`

export function createInsideCalls(http: Http): InsideCalls {
  return {
    topContainer: async (id, psArgs, options) => {
      const answer = await http.json({ ...options, method: 'GET', path: `${pathOf(id)}/top`, query: { ps_args: psArgs }, subject: { container: id } })
      return answer && typeof answer === 'object' ? (answer as RawTop) : {}
    },
    containerChanges: async (id, options) => {
      const answer = await http.json({ timeoutMs: CHANGES_MS, ...options, method: 'GET', path: `${pathOf(id)}/changes`, subject: { container: id } })
      return Array.isArray(answer) ? (answer as RawChange[]) : []
    },
    updateContainer: async (id, body, options) => {
      const answer = await http.json({ ...options, method: 'POST', path: `${pathOf(id)}/update`, body, subject: { container: id } })
      return answer && typeof answer === 'object' && 'Warnings' in answer && Array.isArray(answer.Warnings) ? answer.Warnings.map(String) : []
    },
    commitContainer: async (id, query, options) => {
      // The container's own settings (null): `{}` would lose some with Docker, and no body at all is refused by Podman.
      const call = { method: 'POST', path: '/commit', query: { container: id, ...query }, body: null, subject: { container: id } }
      const answer = await http.json({ timeoutMs: COMMIT_MS, ...options, ...call })
      if (!answer || typeof answer !== 'object' || !('Id' in answer)) throw new NaruError('engine.not-an-engine', 'commit was answered without an id')
      return String(answer.Id)
    },
  }
}
