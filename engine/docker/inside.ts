/** The calls that look inside one container: its processes. */
import type { CallOptions } from './engine-client.ts'
import type { Http } from './http.ts'

/** Answer of `GET /containers/{id}/top`. Podman may give each row as one text. */
export interface RawTop {
  readonly Titles?: readonly string[] | null
  readonly Processes?: readonly (readonly string[])[] | null
}

export interface InsideCalls {
  /**
   * `psArgs` as `ps` takes them; without them the engine chooses (`-ef`). Empty when Podman could not find out: it begins
   * its answer before it asks, so it cannot say why.
   */
  readonly topContainer: (id: string, psArgs: string | undefined, options?: CallOptions) => Promise<RawTop>
}

const pathOf = (id: string): string => `/containers/${encodeURIComponent(id)}`

export function createInsideCalls(http: Http): InsideCalls {
  return {
    topContainer: async (id, psArgs, options) => {
      const answer = await http.json({ ...options, method: 'GET', path: `${pathOf(id)}/top`, query: { ps_args: psArgs }, subject: { container: id } })
      return answer && typeof answer === 'object' ? (answer as RawTop) : {}
    },
  }
}
