import { NaruError } from '../contract/errors.ts'

/** Resolves after `ms`, or at once when the signal fires; never rejects. */
export function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve()
      return
    }
    const done = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done, { once: true })
  })
}

/** The promise, or `cancelled` when the signal fires first. */
export function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(new NaruError('cancelled', 'cancelled'))
    if (signal.aborted) {
      abort()
      return
    }
    signal.addEventListener('abort', abort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}

/** Remembers whether anything happened since `clear`, so that nothing is missed between looking and waiting. */
export class EventLatch {
  readonly #iterator: AsyncIterator<unknown>
  #happened = false
  #ended: NaruError | null = null
  #waiting: { resolve: () => void; reject: (error: NaruError) => void } | null = null

  /** Begins to read at once. */
  constructor(events: AsyncIterable<unknown>) {
    this.#iterator = events[Symbol.asyncIterator]()
    void this.#pump()
  }

  clear(): void {
    this.#happened = false
  }

  /** Resolves at the next event, at once when there was one since `clear`; rejects when the events end. */
  wait(): Promise<void> {
    if (this.#happened) return Promise.resolve()
    if (this.#ended) return Promise.reject(this.#ended)
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject }
    })
  }

  close(): void {
    this.#end('closed')
    this.#iterator.return?.().catch(() => undefined)
  }

  async #pump(): Promise<void> {
    try {
      for (;;) {
        const next = await this.#iterator.next()
        if (next.done || this.#ended) break
        this.#happened = true
        this.#waiting?.resolve()
        this.#waiting = null
      }
      this.#end('engine events ended')
    } catch (error) {
      this.#end(String(error))
    }
  }

  #end(detail: string): void {
    this.#ended ??= new NaruError('engine.unreachable', 'engine events ended', { detail })
    this.#waiting?.reject(this.#ended)
    this.#waiting = null
  }
}
