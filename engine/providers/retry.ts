/** Waiting between attempts: how often, and how to cut a wait short. */

/** Allows `count` uses in any `windowMs`. */
export class Budget {
  readonly #count: number
  readonly #windowMs: number
  #used: number[] = []

  constructor(count: number, windowMs: number) {
    this.#count = count
    this.#windowMs = windowMs
  }

  /** True when there was one left; it is used up then. */
  take(now: number): boolean {
    this.#used = this.#used.filter((at) => now - at < this.#windowMs)
    if (this.#used.length >= this.#count) return false
    this.#used.push(now)
    return true
  }

  reset(): void {
    this.#used = []
  }
}

/** Pauses that anybody can end early. */
export class Waker {
  readonly #sleepers = new Set<() => void>()

  /** True when woken, false when the time was up or the signal aborted. */
  pause(ms: number, signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return Promise.resolve(false)
    return new Promise((resolve) => {
      const finish = (woken: boolean): void => {
        clearTimeout(timer)
        signal.removeEventListener('abort', onAbort)
        this.#sleepers.delete(wake)
        resolve(woken)
      }
      const wake = (): void => finish(true)
      const onAbort = (): void => finish(false)
      const timer = setTimeout(() => finish(false), ms)
      signal.addEventListener('abort', onAbort, { once: true })
      this.#sleepers.add(wake)
    })
  }

  wake(): void {
    for (const wake of [...this.#sleepers]) wake()
  }
}

/** `work` with a signal that also aborts after `ms`; the second signal tells which of the two it was. */
export async function within<T>(
  ms: number,
  signal: AbortSignal,
  late: () => Error,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const limit = new AbortController()
  const both = AbortSignal.any([signal, limit.signal])
  let timer: ReturnType<typeof setTimeout> | undefined
  const expiry = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      const error = late()
      limit.abort(error)
      reject(error)
    }, ms)
  })
  const running = work(both)
  // The loser of the race may still fail: nobody waits for it any more.
  running.catch(() => undefined)
  try {
    return await Promise.race([running, expiry])
  } finally {
    clearTimeout(timer)
  }
}
