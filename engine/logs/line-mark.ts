/** What a line of a log can be told by for as long as the engine keeps it: its container, its time, its place among those of that time. */
import type { LogLineMark } from '../contract/models.ts'
import { firstTime, lastTime, lineAt } from './place.ts'
import type { LogStore } from './store.ts'

/** Merged lines come out of order by this much at most, milliseconds (merge.ts). */
const SPREAD_MS = 2_000

/** Lines of a container with exactly that time, ascending. */
function* linesOf(store: LogStore, source: number, time: number): Generator<number> {
  const end = store.endLine
  for (let line = Math.max(store.firstLine, lineAt(store, time - SPREAD_MS)); line < end; ) {
    const chunk = store.chunkAt(line)
    if (!chunk) return
    for (let index = line - chunk.first; index < chunk.count; index++) {
      const at = chunk.times[index] as number
      if (at > time + SPREAD_MS) return
      if (at === time && chunk.sources[index] === source) yield chunk.first + index
    }
    line = chunk.first + chunk.count
  }
}

/** Null for a line that is not held, or whose time the engine did not tell. */
export function markOf(store: LogStore, line: number): LogLineMark | null {
  const chunk = store.chunkAt(line)
  const time = chunk?.times[line - chunk.first] ?? Number.NaN
  if (!chunk || line < store.firstLine || Number.isNaN(time)) return null
  const source = chunk.sources[line - chunk.first] as number
  let nth = 0
  for (const other of linesOf(store, source, time)) {
    if (other >= line) break
    nth++
  }
  return { source, time, nth }
}

/** The line a mark is of; null when it is not held. */
export function lineOfMark(store: LogStore, { source, time, nth }: LogLineMark): number | null {
  let left = nth
  for (const line of linesOf(store, source, time)) if (left-- === 0) return line
  return null
}

/** Where a mark is; see `logs.find`. @param rowOf row of a line, -1 when it is none */
export function findMark(store: LogStore, mark: LogLineMark, rowOf: (line: number) => { readonly row: number; readonly folded: boolean }) {
  const line = lineOfMark(store, mark)
  const found = line === null ? null : rowOf(line)
  return {
    line,
    row: found && found.row >= 0 ? found.row : null,
    folded: found?.folded ?? false,
    firstTime: firstTime(store),
    lastTime: lastTime(store),
  }
}
