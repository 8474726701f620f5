/** Ends a wait for bytes that do not come: engines wait for a registry without any limit. */

/** Looks taken within the limit: what was asleep meanwhile (the machine, this process) had no chance to hear anything. */
const LOOKS = 8

export interface Silence {
  /** The outer signal, or the silence that lasted too long. */
  readonly signal: AbortSignal
  /** True once the silence ended it. */
  readonly tooLong: () => boolean
  /** Something came. */
  readonly heard: () => void
  readonly stop: () => void
}

/**
 * Aborts when nothing was heard for `limitMs` although `expected` said all the while that something should come.
 * The silence is counted in looks, not on a clock: a process that was stopped for an hour is not late by an hour.
 */
export function watchSilence(outer: AbortSignal, limitMs: number, expected: () => boolean): Silence {
  const limit = new AbortController()
  let silent = 0
  const timer = setInterval(() => {
    silent = expected() ? silent + 1 : 0
    if (silent >= LOOKS) limit.abort()
  }, limitMs / LOOKS)
  return {
    signal: AbortSignal.any([outer, limit.signal]),
    tooLong: () => limit.signal.aborted && !outer.aborted,
    heard: () => {
      silent = 0
    },
    stop: () => clearInterval(timer),
  }
}
