/** Does this machine find out the address of the Hub? Engines ask the same name servers for every registry. */
import { getServers } from 'node:dns'
import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { failed, passed, screen, warned } from '../check.ts'
import type { Check } from '../check.ts'

export interface NameFacts {
  /** Of the Hub, as it is set. */
  readonly host: string
}

/** Half of what the usual resolvers wait for one server before they ask the next, milliseconds. */
const SLOW_MS = 2_500

export const namesCheck = ({ host }: NameFacts): Check => ({
  id: 'names',
  // `[::1]` as addresses of the web write it.
  applicable: () => isIP(host.replace(/^\[|\]$/g, '')) === 0,
  check: async (signal) => {
    const since = performance.now()
    try {
      const { address } = await lookup(host)
      const answerMs = Math.round(performance.now() - since)
      return answerMs > SLOW_MS ? warned('slow', { host, answerMs, servers: servers() }) : passed('found', { host, address })
    } catch (error) {
      signal.throwIfAborted()
      const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error)
      return failed(reason === 'ENOTFOUND' ? 'unknown' : 'no-answer', { host, reason, servers: servers() }, { fixes: [screen('settings')] })
    }
  },
})

const servers = (): string => getServers().join(', ') || '–'
