/** The sending half of one stream: pulls the source as far as the reader's credit goes and gathers items into frames. */
import type { StreamRule } from '../contract/contract.ts'
import { NaruError } from '../contract/errors.ts'
import { ITEMS_PER_FRAME, costOf } from './transport.ts'

export interface StreamWriter {
  /**
   * Pulls `source` to its end; resolves when the last item was sent, rejects when the source fails, an item cannot
   * travel, or the signal aborts; the source's iterator is returned then.
   */
  run(source: AsyncIterable<unknown>): Promise<void>
  /** Gives `amount` back (items or bytes, as the rule says), never beyond the window. */
  credit(amount: number): void
}

/** Binary is sent in frames of about this size: large enough to be cheap, small enough not to hold up other answers. */
const BYTES_PER_FRAME = 256 * 1024

/** A writer for one stream under `rule`; `send` takes one frame's items and may throw when they cannot travel. */
export function createStreamWriter(
  rule: StreamRule,
  signal: AbortSignal,
  send: (items: readonly unknown[]) => void,
): StreamWriter {
  let left = rule.window
  let wake: (() => void) | null = null
  let batch: unknown[] = []
  let batchCost = 0
  let flushing: ReturnType<typeof setImmediate> | null = null
  let failure: { readonly error: unknown } | null = null

  const flush = (): void => {
    if (flushing) clearImmediate(flushing)
    flushing = null
    if (batch.length === 0 || signal.aborted) return
    const items = batch
    batch = []
    batchCost = 0
    sendSplit(items, send)
  }

  /** Runs outside `run`, so its failure is kept for the next step instead of being thrown into the event loop. */
  const flushAtEndOfTick = (): void => {
    try {
      flush()
    } catch (error) {
      failure = { error }
      wake?.()
    }
  }

  const add = (item: unknown): void => {
    const cost = costOf(rule.unit, item)
    batch.push(item)
    batchCost += cost
    left -= cost
    const full = batch.length >= ITEMS_PER_FRAME || (rule.unit === 'bytes' && batchCost >= BYTES_PER_FRAME)
    if (full || left <= 0) flush()
    else flushing ??= setImmediate(flushAtEndOfTick)
  }

  /** Resolves at the next credit, abort or failure. */
  const woken = (): Promise<void> =>
    new Promise((resolve) => {
      wake = () => {
        wake = null
        resolve()
      }
    })
  signal.addEventListener('abort', () => wake?.(), { once: true })

  const check = (): void => {
    if (failure) throw failure.error
    signal.throwIfAborted()
  }

  const pull = async (iterator: AsyncIterator<unknown>): Promise<void> => {
    for (;;) {
      while (left <= 0 && !failure && !signal.aborted) await woken()
      check()
      const result = await nextOrWoken(iterator.next()).catch((error: unknown) => {
        // What the source gave before it failed is still the reader's.
        if (!failure) flush()
        throw error
      })
      check()
      if (result.done) return flush()
      add(result.value)
    }
  }

  /** The next result, or a rejection when the stream was aborted or failed meanwhile: a source may be quiet for ever. */
  const nextOrWoken = async (next: Promise<IteratorResult<unknown>>): Promise<IteratorResult<unknown>> => {
    for (;;) {
      const result = await Promise.race([next, woken()])
      if (result) return result
      check()
    }
  }

  return {
    async run(source) {
      const iterator = source[Symbol.asyncIterator]()
      try {
        await pull(iterator)
      } catch (error) {
        // Not awaited: a generator stuck in its own await would hold the answer back for ever.
        iterator.return?.().then(undefined, () => undefined)
        throw error
      } finally {
        if (flushing) clearImmediate(flushing)
      }
    },
    credit(amount) {
      const stalled = left <= 0
      left = Math.min(rule.window, left + amount)
      if (stalled) wake?.()
    },
  }
}

/** Sends the items in one frame, or one by one when together they are too large. */
function sendSplit(items: readonly unknown[], send: (items: readonly unknown[]) => void): void {
  try {
    send(items)
  } catch (error) {
    if (items.length === 1) {
      const message = error instanceof Error ? error.message : String(error)
      throw new NaruError('internal', `an item cannot be sent: ${message}`, { cause: error })
    }
    for (const item of items) sendSplit([item], send)
  }
}
