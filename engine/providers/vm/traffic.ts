/** What goes through to the guest keeps it awake, and waits while it wakes. */
import { BACKGROUND_HEADER } from '../../docker/background.ts'
import type { Nap } from './nap.ts'

/**
 * What a connection to the engine's socket is. `use`: somebody works with the engine as long as it is open. `watch`:
 * waits for events, needs only its first answer. `errand`: a short question of Naru's own.
 */
export type TrafficKind = 'use' | 'watch' | 'errand'

const WATCH = /^GET (?:\/v[\d.]+)?\/events[? ]/
const ERRAND = new RegExp(`\\r\\n${BACKGROUND_HEADER}:`, 'i')
/** Of a request's first bytes; a head is shorter. */
const HEAD_MAX = 8_192

/** By the first bytes of a connection. A head that came in pieces counts as use: the machine then only stays awake longer. */
export function trafficKind(first: Uint8Array): TrafficKind {
  const text = Buffer.from(first.buffer, first.byteOffset, Math.min(first.byteLength, HEAD_MAX)).toString('latin1')
  const end = text.indexOf('\r\n\r\n')
  const head = end < 0 ? text : text.slice(0, end)
  if (WATCH.test(head)) return 'watch'
  return ERRAND.test(head) ? 'errand' : 'use'
}

/** One connection's bytes on their way. */
export interface Passage {
  /** Before bytes go in: null, or what they must wait for. */
  readonly inward: (bytes: Uint8Array) => Promise<void> | null
  /** Bytes came out. */
  readonly outward: () => void
  /** The connection is over; may be told more than once. */
  readonly over: () => void
}

/** To the engine's socket. A connection that says nothing (one that only waits for the engine's end) means nothing. */
export function enginePassage(nap: Pick<Nap, 'hold' | 'errand' | 'awake'>): Passage {
  let kind: TrafficKind | undefined
  let letGo = (): void => undefined
  return {
    inward: (bytes) => {
      if (kind === undefined) {
        kind = trafficKind(bytes)
        letGo = kind === 'use' ? nap.hold() : nap.errand()
      }
      return nap.awake()
    },
    outward: () => {
      if (kind === 'watch') letGo()
    },
    over: () => letGo(),
  }
}

/**
 * To a published port: who waits for an answer (or to be spoken to first) holds the machine awake; a connection that is
 * only open does not, pools keep theirs for hours.
 */
export function portPassage(nap: Pick<Nap, 'hold' | 'use' | 'awake'>): Passage {
  let letGo: (() => void) | null = nap.hold()
  const over = (): void => {
    letGo?.()
    letGo = null
  }
  return {
    inward: () => {
      letGo ??= nap.hold()
      return nap.awake()
    },
    outward: () => {
      if (letGo) over()
      else nap.use()
    },
    over,
  }
}
