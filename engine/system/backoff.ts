/**
 * Waiting times between attempts: exponential growth with full jitter, which spreads many clients best
 * (M. Brooker, "Exponential Backoff and Jitter", AWS Architecture Blog, 2015).
 */

export interface BackoffOptions {
  /** Upper bound of the first wait, milliseconds. */
  readonly baseMs: number
  /** Upper bound of any wait, milliseconds. */
  readonly capMs: number
  /** In [0, 1); for tests. */
  readonly random?: () => number
}

export interface Backoff {
  /** Milliseconds to wait before the next attempt: uniform in [0, min(cap, base·2^attempt)]. */
  readonly next: () => number
  /** Starts over; call after a success. */
  readonly reset: () => void
  /** Attempts since the start or the last reset. */
  readonly attempts: () => number
}

export function createBackoff({ baseMs, capMs, random = Math.random }: BackoffOptions): Backoff {
  let attempts = 0
  return {
    next: () => {
      const bound = Math.min(capMs, baseMs * 2 ** Math.min(attempts, 30))
      attempts += 1
      return Math.floor(random() * (bound + 1))
    },
    reset: () => {
      attempts = 0
    },
    attempts: () => attempts,
  }
}
