/** What already happened: events of a container the engine still knows. */
import type { RawEvent } from './api-types.ts'
import type { CallOptions } from './engine-client.ts'
import type { Http } from './http.ts'
import { readMessages } from './ndjson.ts'

/** Milliseconds an engine that keeps on following has, after all it knew was told. */
const QUIET_MS = 400
/** Events told at most. */
const MOST_EVENTS = 2_000

export interface PastCalls {
  /**
   * Events of a container from a moment (ms since 1970) until now, oldest first, as far as the engine keeps them: dockerd
   * the last 256 of everything, Podman what its journal or file holds. Empty when it knows none.
   */
  readonly pastEvents: (id: string, sinceMs: number, options?: CallOptions) => Promise<RawEvent[]>
}

export function createPastCalls(http: Http): PastCalls {
  const read = async (id: string, query: Readonly<Record<string, string | number | boolean>>, signal: AbortSignal | undefined, patienceMs?: number): Promise<RawEvent[]> => {
    const found: RawEvent[] = []
    const quiet = new AbortController()
    const both = signal ? AbortSignal.any([signal, quiet.signal]) : quiet.signal
    const timer = patienceMs === undefined ? undefined : setTimeout(() => quiet.abort(), patienceMs)
    try {
      const response = await http.open({ method: 'GET', path: '/events', query: { ...query, filters: { container: [id] } }, signal: both, subject: { container: id } })
      for await (const message of readMessages(response)) {
        const event = message as RawEvent
        if ((event.Actor?.ID ?? event.id) === id) found.push(event)
        if (found.length >= MOST_EVENTS) break
      }
    } catch (error) {
      if (!quiet.signal.aborted) throw error
    } finally {
      clearTimeout(timer)
    }
    return found
  }
  return {
    pastEvents: async (id, sinceMs, options) => {
      const since = Math.floor(sinceMs / 1_000)
      const found = await read(id, { since, until: (Date.now() / 1_000).toFixed(3) }, options?.signal)
      // Podman reads no fractions, and nothing at all when the moment has passed; it knows `stream`, which Docker does not.
      return found.length > 0 ? found : read(id, { since, stream: false }, options?.signal, QUIET_MS)
    },
  }
}
