/**
 * Secrets on their way from a call into the operation that uses them. An operation's arguments are kept for its retry;
 * so they hold a ticket, good once and for a short time, and the secret itself is let go of as soon as it was used.
 */
import { randomUUID } from 'node:crypto'
import { NaruError } from '../contract/errors.ts'

export interface Tickets {
  readonly hold: (secret: string) => string
  /** @throws NaruError `unauthorized`, hint `registry.type-again`, when it was used or is too old */
  readonly redeem: (ticket: string) => string
  readonly close: () => void
}

/** Milliseconds until a ticket that nobody used is void. */
const GOOD_FOR_MS = 120_000
/** Waiting at once; the oldest goes first. */
const MOST = 16

export function createTickets(): Tickets {
  const held = new Map<string, { readonly secret: string; readonly timer: NodeJS.Timeout }>()
  const take = (ticket: string): string | undefined => {
    const one = held.get(ticket)
    clearTimeout(one?.timer)
    held.delete(ticket)
    return one?.secret
  }
  return {
    hold(secret) {
      const [oldest] = held.keys()
      if (oldest !== undefined && held.size >= MOST) take(oldest)
      const ticket = randomUUID()
      const timer = setTimeout(() => take(ticket), GOOD_FOR_MS)
      timer.unref()
      held.set(ticket, { secret, timer })
      return ticket
    },
    redeem(ticket) {
      const secret = take(ticket)
      if (secret === undefined) throw new NaruError('unauthorized', 'the secret of this login is gone', { hint: 'registry.type-again' })
      return secret
    },
    close: () => [...held.keys()].forEach(take),
  }
}
