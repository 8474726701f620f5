/** Time as a dependency, so that tests need not wait. */
import { setTimeout as delay } from 'node:timers/promises'
import { NaruError } from '../contract/errors.ts'

export interface Clock {
  /** Milliseconds of a clock that only goes forward and that nobody sets; for limits and durations, not for the time of day. */
  readonly now: () => number
  /** Waits; rejects with `cancelled` when the signal fires first. */
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>
}

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => performance.now(),
  sleep: async (ms, signal) => {
    try {
      await delay(ms, undefined, { signal })
    } catch (error) {
      throw new NaruError('cancelled', 'cancelled', { cause: error })
    }
  },
}

/**
 * Asks `check` every `everyMs` until it says true; false when `withinMs` have passed. The first question comes at once.
 */
export async function waitUntil(
  check: () => Promise<boolean> | boolean,
  options: { readonly withinMs: number; readonly everyMs: number; readonly signal?: AbortSignal; readonly clock?: Clock },
): Promise<boolean> {
  const clock = options.clock ?? systemClock
  const deadline = clock.now() + options.withinMs
  for (;;) {
    if (options.signal?.aborted) throw new NaruError('cancelled', 'cancelled')
    if (await check()) return true
    if (clock.now() >= deadline) return false
    await clock.sleep(options.everyMs, options.signal)
  }
}
