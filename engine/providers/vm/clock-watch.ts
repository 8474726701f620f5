/** Notices that this machine's clock was set, or that the machine itself slept: guests' clocks know nothing of it. */

export interface ClockWatchOptions {
  readonly everyMs?: number
  /** Milliseconds since 1970. */
  readonly wall?: () => number
  /** Milliseconds of a clock that is never set and stands still while the machine sleeps. */
  readonly steady?: () => number
}

const EVERY_MS = 5_000
/** Ordinary drift of two clocks between two looks is far below. */
const STEP_MS = 100

/** Calls back after every step until the returned function is called. */
export function watchClock(onStep: () => void, { everyMs = EVERY_MS, wall = Date.now, steady = () => performance.now() }: ClockWatchOptions = {}): () => void {
  let apart = wall() - steady()
  const timer = setInterval(() => {
    const now = wall() - steady()
    if (Math.abs(now - apart) < STEP_MS) return
    apart = now
    onStep()
  }, everyMs)
  timer.unref()
  return () => clearInterval(timer)
}
