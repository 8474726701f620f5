/** The reading half of one stream: holds what arrived, gives credit back for what was consumed. Pure. */
import { STREAM_RULES } from '../contract/contract.ts'
import type { StreamName, StreamRule } from '../contract/contract.ts'
import { NaruError } from '../contract/errors.ts'
import { createFeed } from './feed.ts'
import { costOf } from './transport.ts'

/** What the reader tells the other end. */
export interface StreamUpstream {
  credit(amount: number): void
  cancel(): void
}

export interface StreamReader<T = unknown> {
  readonly iterator: AsyncIterator<T>
  push(items: readonly unknown[]): void
  /** What has arrived is still delivered, then the end or `error`. */
  end(error?: unknown): void
  /** Ends at once with `error`: what was not read yet is dropped. */
  fail(error: unknown): void
}

/** For a name outside the contract: the other end will refuse it. */
const UNKNOWN: StreamRule = { noCredit: 'pause', window: 1, unit: 'items' }

/**
 * A reader for one stream. An item counts as consumed when the next one is asked for, because only then is the loop's
 * body done with it; credit goes back by half windows, so that a busy stream costs few frames.
 */
export function createStreamReader<T>(
  name: StreamName,
  signal: AbortSignal | undefined,
  upstream: StreamUpstream,
): StreamReader<T> {
  const rule: StreamRule = Object.hasOwn(STREAM_RULES, name) ? STREAM_RULES[name] : UNKNOWN
  const creditFrom = Math.max(1, Math.floor(rule.window / 2))
  const batches: (readonly unknown[])[] = []
  let at = 0
  /** Cost of the item the consumer holds, and of those it is done with but that were not credited yet. */
  let held = 0
  let owed = 0
  let open = true

  const take = (): { readonly value: T } | null => {
    owed += held
    held = 0
    if (open && owed >= creditFrom) {
      upstream.credit(owed)
      owed = 0
    }
    const batch = batches[0]
    if (!batch) return null
    const value = batch[at++]
    held = costOf(rule.unit, value)
    if (at >= batch.length) {
      batches.shift()
      at = 0
    }
    return { value: value as T }
  }

  const leave = (): void => {
    open = false
    batches.length = 0
    signal?.removeEventListener('abort', abort)
  }
  const feed = createFeed<T>({
    take,
    onReturn() {
      leave()
      upstream.cancel()
    },
  })
  const fail = (error: unknown): void => {
    leave()
    feed.finish(error)
  }
  const abort = (): void => {
    upstream.cancel()
    fail(new NaruError('cancelled', `${name} was cancelled`))
  }
  signal?.addEventListener('abort', abort, { once: true })

  return {
    iterator: feed.iterator,
    push(items) {
      if (!open || items.length === 0) return
      batches.push(items)
      feed.wake()
    },
    end(error) {
      open = false
      signal?.removeEventListener('abort', abort)
      feed.finish(error)
    },
    fail,
  }
}
