/** Runs checks side by side, each within its own limit; none of them can fail the others or the run. */
import { NaruError, toEnvelope } from '../contract/errors.ts'
import type { CheckId, CheckResult } from '../contract/models.ts'
import { failed, skipped, warned } from './check.ts'
import type { Check, CheckOutcome } from './check.ts'

/** A check that says nothing for so long is told as one that did not end, milliseconds. */
export const CHECK_LIMIT_MS = 15_000

export interface RunOptions {
  readonly limitMs?: number
  /** Milliseconds of a clock that is never set. */
  readonly now?: () => number
}

/**
 * One result for each check, in the order they end. Leaving early or aborting ends what still runs.
 * @throws NaruError `cancelled` when the signal aborts
 */
export async function* runChecks(checks: readonly Check[], signal: AbortSignal, options: RunOptions = {}): AsyncGenerator<CheckResult, void, undefined> {
  const left = new AbortController()
  const both = AbortSignal.any([signal, left.signal])
  const running = new Map<CheckId, Promise<CheckResult>>(checks.map((check) => [check.id, runOne(check, both, options)]))
  try {
    while (running.size > 0) {
      const result = await Promise.race(running.values())
      if (signal.aborted) throw new NaruError('cancelled', 'cancelled')
      running.delete(result.id)
      yield result
    }
  } finally {
    left.abort()
  }
}

/** Never rejects. */
async function runOne(check: Check, signal: AbortSignal, { limitMs = CHECK_LIMIT_MS, now = () => performance.now() }: RunOptions): Promise<CheckResult> {
  const since = now()
  const timer = new AbortController()
  const limit = setTimeout(() => timer.abort(), limitMs)
  const both = AbortSignal.any([signal, timer.signal])
  const outcome = await ask(check, both).catch((error: unknown): CheckOutcome =>
    timer.signal.aborted ? warned('no-end', { limitMs }) : failed('broken', {}, { error: toEnvelope(error) }),
  )
  clearTimeout(limit)
  return { id: check.id, ...outcome, tookMs: Math.round(now() - since) }
}

/** A check that does not heed its signal is left behind. */
async function ask(check: Check, signal: AbortSignal): Promise<CheckOutcome> {
  if (!check.applicable()) return skipped('not-here')
  let leave: () => void = () => undefined
  const aborted = new Promise<never>((_resolve, reject) => {
    leave = () => reject(new NaruError('cancelled', 'cancelled'))
    signal.addEventListener('abort', leave, { once: true })
  })
  try {
    signal.throwIfAborted()
    return await Promise.race([check.check(signal), aborted])
  } finally {
    signal.removeEventListener('abort', leave)
  }
}
