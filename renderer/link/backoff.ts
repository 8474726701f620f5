/** Waits between attempts to reach the engine room: short at first, never longer than this. */
const LONGEST_MS = 5_000

/** Milliseconds to wait before attempt `attempt + 1` (0-based): 200, 400, 800 … 5000. */
export function retryDelay(attempt: number): number {
  return Math.min(LONGEST_MS, 200 * 2 ** Math.min(attempt, 10))
}

/** Resolves after `ms`, when `signal` aborts, or when the function given to `early` is called. Never rejects. */
export function pause(ms: number, signal: AbortSignal, early?: (resume: () => void) => void): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done)
    early?.(done)
    if (signal.aborted) done()
  })
}
