/** Waiting times between restarts: doubling from `first` to `most`, back to `first` after a calm run. All in ms. */
export interface Backoff {
  /** How long to wait before the next start, given how long the last run lasted. */
  readonly next: (lastedMs: number) => number
}

/** A run of at least `calmMs` counts as recovered. */
export function createBackoff({ first = 250, most = 10_000, calmMs = 30_000 } = {}): Backoff {
  let wait = first
  return {
    next: (lastedMs) => {
      if (lastedMs >= calmMs) wait = first
      const now = wait
      wait = Math.min(most, wait * 2)
      return now
    },
  }
}
