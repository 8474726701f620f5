/** Listeners of one thing that changes, and waiting for it to become so. */
import { NaruError } from '../contract/errors.ts'

export class Changes {
  readonly #listeners = new Set<() => void>()

  notify(): void {
    for (const listener of [...this.#listeners]) listener()
  }

  /**
   * Resolves once `done` says true. It is asked now (unless `later`) and after every change; what it throws is thrown.
   * Rejects with `cancelled` on abort.
   */
  until(signal: AbortSignal, done: () => boolean, later = false): Promise<void> {
    return new Promise((resolve, reject) => {
      const finish = (act: () => void): void => {
        this.#listeners.delete(check)
        signal.removeEventListener('abort', onAbort)
        act()
      }
      const check = (): void => {
        try {
          if (done()) finish(resolve)
        } catch (error) {
          finish(() => reject(error))
        }
      }
      const onAbort = (): void => finish(() => reject(new NaruError('cancelled', 'cancelled')))
      this.#listeners.add(check)
      signal.addEventListener('abort', onAbort, { once: true })
      if (signal.aborted) onAbort()
      else if (!later) check()
    })
  }
}
