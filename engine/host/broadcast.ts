/**
 * One source, many readers. Each reader holds at most ONE pending item: what arrives while it is busy is merged into
 * that item, so a slow reader costs the size of one item and never misses the newest state.
 */
export interface Broadcast<Item> {
  readonly publish: (item: Item) => void
  /**
   * Items from now on, beginning with `first` when given. Ends when the signal aborts or the broadcast closes.
   * The reader is registered at the first `next()`; `first` is asked for in the same turn, so nothing falls between.
   */
  readonly subscribe: (signal: AbortSignal, first?: () => Item) => AsyncIterable<Item>
  /** Ends every reader after its pending item. */
  readonly close: () => void
  readonly readers: () => number
}

interface Reader<Item> {
  pending: { item: Item } | null
  wake: (() => void) | null
}

/** @param merge what one item says that stands for both; the newer is the second */
export function createBroadcast<Item>(merge: (older: Item, newer: Item) => Item = (_older, newer) => newer): Broadcast<Item> {
  const readers = new Set<Reader<Item>>()
  let closed = false

  async function* subscribe(signal: AbortSignal, first?: () => Item): AsyncGenerator<Item> {
    const reader: Reader<Item> = { pending: first ? { item: first() } : null, wake: null }
    const wake = () => reader.wake?.()
    readers.add(reader)
    signal.addEventListener('abort', wake)
    try {
      while (!signal.aborted) {
        if (reader.pending) {
          const { item } = reader.pending
          reader.pending = null
          yield item
        } else if (closed) return
        else {
          await new Promise<void>((resolve) => {
            reader.wake = resolve
          })
          reader.wake = null
        }
      }
    } finally {
      readers.delete(reader)
      signal.removeEventListener('abort', wake)
    }
  }

  return {
    subscribe,
    readers: () => readers.size,
    publish(item) {
      for (const reader of readers) {
        reader.pending = { item: reader.pending ? merge(reader.pending.item, item) : item }
        reader.wake?.()
      }
    },
    close() {
      closed = true
      for (const reader of readers) reader.wake?.()
    },
  }
}
