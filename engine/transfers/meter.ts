/** Counts bytes of an archive into the progress of an operation. Pure but for the clock it is given. */
import type { OperationProgress } from '../contract/models.ts'

export interface ByteMeter {
  /** Counts; true when it is time to tell. */
  readonly add: (bytes: number) => boolean
  readonly progress: () => OperationProgress
  readonly done: () => OperationProgress
}

/** Speed is measured over about this many milliseconds. */
const WINDOW_MS = 3_000
const TELL_MS = 100

export function createByteMeter(step: string, name: string, totalBytes?: number, now: () => number = () => performance.now()): ByteMeter {
  let bytes = 0
  let toldAt = 0
  let samples: { readonly at: number; readonly bytes: number }[] = [{ at: now(), bytes: 0 }]

  function speed(): number | undefined {
    const first = samples[0]
    const last = samples.at(-1)
    if (!first || !last || last.at - first.at < 250 || last.bytes <= first.bytes) return undefined
    return Math.round(((last.bytes - first.bytes) / (last.at - first.at)) * 1_000)
  }
  function progress(state: 'copying' | 'done' = 'copying'): OperationProgress {
    const bytesPerSecond = state === 'copying' ? speed() : undefined
    const total = totalBytes !== undefined && totalBytes > 0 ? { totalBytes: Math.max(totalBytes, bytes) } : {}
    return { step, parts: [{ id: name, state, currentBytes: bytes, ...total }], ...(bytesPerSecond !== undefined && { bytesPerSecond }) }
  }
  return {
    add(more) {
      bytes += more
      const at = now()
      if (at - toldAt < TELL_MS) return false
      toldAt = at
      samples = [...samples.filter((one) => at - one.at <= WINDOW_MS), { at, bytes }]
      return true
    },
    progress: () => progress(),
    done: () => progress('done'),
  }
}
