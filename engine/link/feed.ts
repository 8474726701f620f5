/**
 * An async iterator fed by hand. Not a generator, because `return()` on a generator waits behind a pending `next()`:
 * a reader that leaves must be able to leave now. Pure.
 */

export interface FeedSource<T> {
  /** The next item, boxed, or null when there is none yet. Called once for each `next()` that may get an item. */
  take(): { readonly value: T } | null
  /** The reader left before the end. */
  onReturn(): void
}

export interface Feed<T> {
  readonly iterator: AsyncIterableIterator<T>
  /** Something may be there to take. */
  wake(): void
  /** No more will come: what `take` still gives is delivered, then the end or the error (once). */
  finish(error?: unknown): void
}

interface Waiter<T> {
  resolve(result: IteratorResult<T, undefined>): void
  reject(error: unknown): void
}

/** A feed on `source`. */
export function createFeed<T>(source: FeedSource<T>): Feed<T> {
  const waiters: Waiter<T>[] = []
  let finished = false
  let left = false
  let failure: { readonly error: unknown } | null = null

  const settle = (waiter: Waiter<T>): boolean => {
    const item = left ? null : source.take()
    if (item) waiter.resolve({ done: false, value: item.value })
    else if (!finished) return false
    else if (failure) {
      const { error } = failure
      failure = null
      waiter.reject(error)
    } else waiter.resolve({ done: true, value: undefined })
    return true
  }

  const wake = (): void => {
    for (let first = waiters[0]; first && settle(first); first = waiters[0]) waiters.shift()
  }

  const finish = (error?: unknown): void => {
    if (finished) return
    finished = true
    if (error !== undefined) failure = { error }
    wake()
  }

  const leave = (): void => {
    if (left) return
    left = true
    failure = null
    if (!finished) source.onReturn()
    finish()
  }

  const iterator: AsyncIterableIterator<T> = {
    [Symbol.asyncIterator]: () => iterator,
    next: () =>
      new Promise((resolve, reject) => {
        const waiter: Waiter<T> = { resolve, reject }
        if (waiters.length > 0 || !settle(waiter)) waiters.push(waiter)
      }),
    return: () => {
      leave()
      return Promise.resolve({ done: true, value: undefined })
    },
  }
  return { iterator, wake, finish }
}
