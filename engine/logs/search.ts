/** Searches a store from its oldest line to its newest, a few milliseconds at a time. */
import type { LogMatches } from '../contract/models.ts'
import { NaruError } from '../contract/errors.ts'
import { createMatcher, readable } from './match.ts'
import type { Scannable, SearchQuery } from './match.ts'
import type { LogStore } from './store.ts'

/** Line numbers a search hands out at most; it goes on counting. */
export const MATCHES_MAX = 100_000
/** The thread is given free this often, so that windows and new lines are served meanwhile. */
const SLICE_MS = 8
/** A found place is not held back longer than this. */
const REPORT_MS = 50

/** Runs a pattern somewhere it may be killed: a catastrophic one never gives the thread back. */
export interface RegexScanner {
  /** Indexes of matching lines. The chunk's memory is copied. Throws `timeout` when it does not answer in time. */
  readonly scan: (chunk: Scannable) => Promise<readonly number[]>
  readonly close: () => void
}

export interface SearchOptions extends SearchQuery {
  readonly signal: AbortSignal
  /** Where patterns run; plain text never does. */
  readonly scanner: (query: SearchQuery) => RegexScanner
  /** Number handed out for a found line, -1 leaves it out; the line's own unless told. */
  readonly rowOf?: (line: number) => number
  /** True for a found line that is inside of what its number stands for. */
  readonly isInside?: (line: number) => boolean
}

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve))

/** Items add up; the last one is `done`. Covers the lines held when it began, those on disk included. */
export async function* searchStore(store: LogStore, options: SearchOptions): AsyncGenerator<LogMatches> {
  if (options.query === '') {
    yield { lines: new Uint32Array(0), total: 0, scanned: 1, done: true }
    return
  }
  const { query, regex, caseSensitive, word, rowOf = (line) => line, isInside = () => false } = options
  const matcher = createMatcher(options)
  const scanner = regex ? options.scanner({ query, regex, caseSensitive, word }) : null
  try {
    yield* scan(store, options.signal, { rowOf, isInside }, (chunk) => (scanner ? scanner.scan(chunk) : matcher(chunk)))
  } finally {
    scanner?.close()
  }
}

async function* scan(
  store: LogStore,
  signal: AbortSignal,
  { rowOf, isInside }: Required<Pick<SearchOptions, 'rowOf' | 'isInside'>>,
  match: (chunk: Scannable) => readonly number[] | Promise<readonly number[]>,
): AsyncGenerator<LogMatches> {
  const begin = store.firstLine
  const end = store.endLine
  let line = begin
  let total = 0
  let handedOut = 0
  let found: number[] = []
  let inside: number[] = []
  const report = (scanned: number, done: boolean): LogMatches => {
    const item = { lines: Uint32Array.from(found), ...(inside.length > 0 && { inside: Uint32Array.from(inside) }), total, scanned, done }
    handedOut += found.length
    found = []
    inside = []
    return item
  }
  let sliceStart = performance.now()
  let reported = sliceStart
  while (line < end) {
    if (signal.aborted) throw new NaruError('cancelled', 'search cancelled')
    line = Math.max(line, store.firstLine)
    const chunk = store.chunkAt(line)
    if (!chunk) break
    const { first, count } = chunk
    const result = match(readable(chunk))
    for (const index of result instanceof Promise ? await result : result) {
      const at = first + index
      const row = at < line || at >= end ? -1 : rowOf(at)
      if (row < 0) continue
      total++
      if (handedOut + found.length >= MATCHES_MAX) continue
      if (found.at(-1) !== row) found.push(row)
      if (inside.at(-1) !== row && isInside(at)) inside.push(row)
    }
    line = first + count
    const now = performance.now()
    if (found.length > 0 && now - reported > REPORT_MS) {
      yield report((line - begin) / (end - begin), false)
      reported = performance.now()
    }
    if (now - sliceStart > SLICE_MS) {
      await nextTurn()
      sliceStart = performance.now()
    }
  }
  yield report(1, true)
}
