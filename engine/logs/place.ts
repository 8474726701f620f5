/** Where in a store a time is. */
import type { LogStore } from './store.ts'

/** Time of a line, or of the next one of its chunk that has one; NaN when none has. */
function timeFrom(store: LogStore, line: number): number {
  const chunk = store.chunkAt(line)
  if (!chunk) return Number.NaN
  for (let index = line - chunk.first; index < chunk.count; index++) {
    const time = chunk.times[index] as number
    if (!Number.isNaN(time)) return time
  }
  return Number.NaN
}

/**
 * The first line that is not before `time` (milliseconds since 1970), `endLine` when all are. By halves: lines that came
 * a little out of order may be off by as much.
 */
export function lineAt(store: LogStore, time: number): number {
  let low = store.firstLine
  let high = store.endLine
  while (low < high) {
    const middle = (low + high) >>> 1
    const at = timeFrom(store, middle)
    if (at >= time) high = middle
    else low = middle + 1
  }
  return low
}

/** Time of the newest line that has one, looked for in the newest chunk; null when none has. */
export function lastTime(store: LogStore): number | null {
  const chunk = store.chunkAt(store.endLine - 1)
  const time = chunk?.times.findLast((at) => !Number.isNaN(at))
  return time ?? null
}

/** Time of the oldest line that has one; null when none is held. */
export function firstTime(store: LogStore): number | null {
  const time = timeFrom(store, store.firstLine)
  return Number.isNaN(time) ? null : time
}
