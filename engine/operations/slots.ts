/** A bound on how many operations work at the same time; the others wait their turn. */

export interface Slots {
  /** Runs `work` as soon as a place is free. Gives up waiting (with the signal's reason) when aborted. */
  readonly run: <T>(signal: AbortSignal, work: () => Promise<T>) => Promise<T>
}

export function createSlots(count: number): Slots {
  let free = count
  const waiting = new Set<() => void>()

  function take(signal: AbortSignal): Promise<void> {
    if (free > 0) {
      free--
      return Promise.resolve()
    }
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        waiting.delete(proceed)
        reject(signal.reason instanceof Error ? signal.reason : new DOMException('aborted', 'AbortError'))
      }
      const proceed = () => {
        signal.removeEventListener('abort', onAbort)
        resolve()
      }
      waiting.add(proceed)
      signal.addEventListener('abort', onAbort, { once: true })
    })
  }

  function give(): void {
    const [next] = waiting
    if (!next) free++
    else {
      waiting.delete(next)
      next()
    }
  }

  return {
    async run(signal, work) {
      signal.throwIfAborted()
      await take(signal)
      try {
        // The place may have come in the same turn as the abort.
        signal.throwIfAborted()
        return await work()
      } finally {
        give()
      }
    },
  }
}
