/**
 * One source, many readers. Each reader holds at most ONE pending item: what arrives while it is busy is merged into
 * that item, so a slow reader costs the size of one item and never misses the newest state.
 */
import { merging } from '../link/conflate.ts'
import type { Channel } from '../link/conflate.ts'

export interface Broadcast<Item> {
  readonly publish: (item: Item) => void
  /**
   * Items from this call on, beginning with `first` when given (asked for in the same turn, so nothing falls between).
   * Ends when the signal aborts, the reader leaves or the broadcast closes.
   */
  readonly subscribe: (signal: AbortSignal, first?: () => Item) => AsyncIterable<Item>
  /** Ends every reader after its pending item; later readers get `first` only. */
  readonly close: () => void
  readonly readers: () => number
}

/** @param merge what one item says that stands for both; the newer is the second. Default: the newer alone. */
export function createBroadcast<Item>(merge: (older: Item, newer: Item) => Item = (_older, newer) => newer): Broadcast<Item> {
  const readers = new Set<Channel<Item>>()
  let closed = false

  return {
    subscribe(signal, first) {
      const channel = merging(merge)
      if (first) channel.push(first())
      if (closed) channel.end()
      else if (!signal.aborted) readers.add(channel)
      const leave = () => {
        signal.removeEventListener('abort', leave)
        readers.delete(channel)
      }
      signal.addEventListener('abort', leave, { once: true })
      return leavingAtReturn(channel.iterate(signal), leave)
    },
    readers: () => readers.size,
    publish(item) {
      for (const reader of readers) reader.push(item)
    },
    close() {
      closed = true
      for (const reader of readers) reader.end()
      readers.clear()
    },
  }
}

function leavingAtReturn<Item>(items: AsyncIterable<Item>, leave: () => void): AsyncIterable<Item> {
  return {
    [Symbol.asyncIterator]() {
      const iterator = items[Symbol.asyncIterator]()
      return {
        next: () => iterator.next(),
        return() {
          leave()
          return iterator.return?.() ?? Promise.resolve({ done: true, value: undefined })
        },
      }
    },
  }
}
