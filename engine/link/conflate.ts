/**
 * Channels between a source that cannot wait (state, live events) and a stream whose reader may be slow. Each holds a
 * bounded amount and says what happens beyond it: keep the newest, merge, or drop the oldest and count.
 */
import { NaruError } from '../contract/errors.ts'
import { createFeed } from './feed.ts'
import type { Feed } from './feed.ts'

export interface Channel<T> {
  /** Never blocks, never fails; ignored after `end`. */
  push(value: T): void
  /** What is pending is still delivered, then the iteration ends, or throws `error`. */
  end(error?: unknown): void
  /**
   * The items, for one reader at a time; abort ends the iteration without an error and drops what is pending for it.
   * @throws NaruError `conflict` when somebody reads already.
   */
  iterate(signal: AbortSignal): AsyncIterable<T>
}

export interface BoundedChannel<T> extends Channel<T> {
  /** Items dropped so far because the reader was slow. */
  readonly dropped: number
}

/** Where a channel keeps what has not been read. */
interface Store<T> {
  put(value: T): void
  take(): { readonly value: T } | null
  clear(): void
}

function createChannel<T>(store: Store<T>): Channel<T> {
  let reader: Feed<T> | null = null
  let ended: { readonly error: unknown } | null = null

  const iterate = (signal: AbortSignal): AsyncIterable<T> => {
    if (reader) throw new NaruError('conflict', 'this channel has a reader already')
    const release = (): void => {
      signal.removeEventListener('abort', stop)
      if (reader === feed) reader = null
    }
    const stop = (): void => {
      release()
      store.clear()
      feed.finish()
    }
    const feed = createFeed<T>({ take: () => store.take(), onReturn: release })
    reader = feed
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop, { once: true })
    if (ended) feed.finish(ended.error)
    return feed.iterator
  }

  return {
    push(value) {
      if (ended) return
      store.put(value)
      reader?.wake()
    },
    end(error) {
      if (ended) return
      ended = { error }
      reader?.finish(error)
    },
    iterate,
  }
}

/** One slot; a value that arrives before the pending one was read is merged into it: `merge(pending, next)`. */
export function merging<T>(merge: (pending: T, next: T) => T): Channel<T> {
  let slot: { readonly value: T } | null = null
  return createChannel<T>({
    put(value) {
      slot = { value: slot ? merge(slot.value, value) : value }
    },
    take() {
      const taken = slot
      slot = null
      return taken
    },
    clear() {
      slot = null
    },
  })
}

/** One slot; the newest value wins. */
export function latest<T>(): Channel<T> {
  return merging<T>((_pending, next) => next)
}

/** At most `capacity` (≥ 1) pending values; the oldest goes first, and is counted. */
export function bounded<T>(capacity: number): BoundedChannel<T> {
  if (!Number.isSafeInteger(capacity) || capacity < 1) throw new NaruError('internal', 'a channel holds at least one item')
  const pending: T[] = []
  let dropped = 0
  const channel = createChannel<T>({
    put(value) {
      pending.push(value)
      if (pending.length > capacity) {
        pending.shift()
        dropped++
      }
    },
    take: () => (pending.length > 0 ? { value: pending.shift() as T } : null),
    clear() {
      pending.length = 0
    },
  })
  return {
    ...channel,
    get dropped() {
      return dropped
    },
  }
}
