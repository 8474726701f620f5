/** Waiting between attempts: how often, and how to cut a wait short. */
import { withAny } from '../system/signals.ts'

/** How often an engine that ends by itself is started again. */
export interface RestartPlan {
  /** Wait before each restart, milliseconds; there are no more restarts than waits. */
  readonly waitsMs: readonly number[]
  /** An engine that was connected this long begins with the first wait again, milliseconds. */
  readonly healthyMs: number
}

/** Restarts that are left of a plan. */
export class Restarts {
  readonly #plan: RestartPlan
  #used = 0

  constructor(plan: RestartPlan) {
    this.#plan = plan
  }

  /** Milliseconds to wait before the next restart, which is used up then; null when none is left. */
  take(): number | null {
    const wait = this.#plan.waitsMs[this.#used]
    if (wait === undefined) return null
    this.#used++
    return wait
  }

  /** The engine was connected for `ms` before it was lost. */
  held(ms: number): void {
    if (ms >= this.#plan.healthyMs) this.reset()
  }

  reset(): void {
    this.#used = 0
  }
}

/** Pauses that anybody can end early. */
export class Waker {
  readonly #sleepers = new Set<() => void>()

  /** True when woken, false when the time was up or the signal aborted. */
  pause(ms: number, signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return Promise.resolve(false)
    return new Promise((resolve) => {
      const finish = (woken: boolean): void => {
        clearTimeout(timer)
        signal.removeEventListener('abort', onAbort)
        this.#sleepers.delete(wake)
        resolve(woken)
      }
      const wake = (): void => finish(true)
      const onAbort = (): void => finish(false)
      const timer = setTimeout(() => finish(false), ms)
      signal.addEventListener('abort', onAbort, { once: true })
      this.#sleepers.add(wake)
    })
  }

  wake(): void {
    for (const wake of [...this.#sleepers]) wake()
  }
}

/** `work` with a signal that also aborts after `ms`; the second signal tells which of the two it was. */
export async function within<T>(
  ms: number,
  signal: AbortSignal,
  late: () => Error,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const limit = new AbortController()
  let timer: ReturnType<typeof setTimeout> | undefined
  const expiry = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      const error = late()
      limit.abort(error)
      reject(error)
    }, ms)
  })
  const running = withAny([signal, limit.signal], work)
  // The loser of the race may still fail: nobody waits for it any more.
  running.catch(() => undefined)
  try {
    return await Promise.race([running, expiry])
  } finally {
    clearTimeout(timer)
  }
}
