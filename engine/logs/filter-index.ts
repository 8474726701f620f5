/** The rows of a filter over a store: found a few milliseconds at a time, those of new lines as they come. */
import type { ErrorEnvelope } from '../contract/errors.ts'
import { toEnvelope } from '../contract/errors.ts'
import type { LogFilter, LogFilterState, LogWindow } from '../contract/models.ts'
import { LOG_CONTEXT } from '../contract/models.ts'
import { LineFilter } from './filter.ts'
import { gatherLines } from './gather.ts'
import { LevelIndex } from './level-index.ts'
import type { SearchQuery } from './match.ts'
import { RowList } from './row-list.ts'
import type { RegexScanner } from './search.ts'
import { WINDOW_LINES } from './store.ts'
import type { LogStore } from './store.ts'

/** The thread is given free this often, ms… */
const SLICE_MS = 8
/** …and news is told this often while much is looked through, ms. */
const REPORT_MS = 50

export interface FilterIndexOptions {
  readonly id: number
  readonly filter: LogFilter
  readonly scanner: (query: SearchQuery) => RegexScanner
  /** Levels of the store's lines as others found them; its own unless told. */
  readonly levels?: LevelIndex
  /** Rows were found, or everything held was looked at. */
  readonly onNews: () => void
}

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve))

export class FilterIndex {
  readonly #store: LogStore
  readonly #options: FilterIndexOptions
  readonly #lines: LineFilter
  readonly #rows = new RowList()
  #passed = 0
  /** Lines before it were looked at. */
  #next: number
  /** Lines before it are rows already, or must not become rows as what stands before. */
  #free: number
  /** Lines before it are rows as what stands behind. */
  #until = 0
  #running = false
  #closed = false
  #error: ErrorEnvelope | undefined

  /** Throws `invalid-request`, hint `pattern`. */
  constructor(store: LogStore, options: FilterIndexOptions) {
    this.#store = store
    this.#options = options
    this.#lines = new LineFilter(options.filter, options.levels ?? new LevelIndex(store), options.scanner)
    this.#next = Math.max(store.firstLine, options.filter.fromLine)
    this.#free = this.#next
  }

  get id(): number {
    return this.#options.id
  }

  /** Its rows so far, for those who number them anew. */
  get rows(): RowList {
    return this.#rows
  }

  figures(): LogFilterState {
    this.#rows.dropBefore(this.#store.firstLine)
    const begin = Math.max(this.#store.firstLine, this.#options.filter.fromLine)
    const held = this.#store.endLine - begin
    return {
      id: this.id,
      firstRow: this.#rows.first,
      endRow: this.#rows.end,
      passed: this.#passed,
      scanned: held <= 0 ? 1 : Math.min(1, Math.max(0, (this.#next - begin) / held)),
      ...(this.#error && { error: this.#error }),
    }
  }

  /** Looks at the lines it has not seen. Never rejects; a call while it runs is none. */
  async run(): Promise<void> {
    if (this.#running || this.#error) return
    this.#running = true
    try {
      await this.#scan()
    } catch (error) {
      if (!this.#closed) this.#error = toEnvelope(error)
    } finally {
      this.#running = false
    }
    if (!this.#closed) this.#options.onNews()
  }

  /** The row of a line, or -1. */
  rowOf(line: number): number {
    const row = this.#rows.rowAt(line)
    return row < this.#rows.end && this.#rows.line(row) === line ? row : -1
  }

  /** The line of a row; one that no store has when there is no such row. */
  lineOf(row: number): number {
    return row >= this.#rows.first && row < this.#rows.end ? this.#rows.line(row) : -1
  }

  /** The first row that is not before a line; the last one when all are. */
  nearest(line: number): number {
    return Math.min(this.#rows.rowAt(line), Math.max(this.#rows.first, this.#rows.end - 1))
  }

  /** Rows `[from, from + count)` as far as there are; the bounds are those of LogStore.window. */
  window(from: number, count: number): LogWindow {
    this.#rows.dropBefore(this.#store.firstLine)
    const first = Math.max(from, this.#rows.first)
    const most = Math.max(0, Math.min(this.#rows.end, from + Math.min(count, WINDOW_LINES)) - first)
    const numbers = Uint32Array.from({ length: most }, (_, index) => this.#rows.line(first + index))
    const marks = Uint8Array.from({ length: most }, (_, index) => (this.#rows.isMarked(first + index) ? LOG_CONTEXT : 0))
    return gatherLines(this.#store, first, numbers, marks)
  }

  /** Runs of lines that are rows, `[from, to)`, as far as it has looked. */
  *runs(): Generator<readonly [number, number]> {
    const { end } = this.#rows
    for (let row = this.#rows.first; row < end; ) {
      const from = this.#rows.line(row)
      let to = from + 1
      for (row += 1; row < end && this.#rows.line(row) === to; row += 1) to += 1
      yield [from, to]
    }
  }

  close(): void {
    this.#closed = true
    this.#lines.close()
  }

  async #scan(): Promise<void> {
    let slice = performance.now()
    let reported = slice
    while (!this.#closed && this.#next < this.#store.endLine) {
      this.#next = Math.max(this.#next, this.#store.firstLine)
      const chunk = this.#store.chunkAt(this.#next)
      if (!chunk) return
      const first = this.#next
      const passed = await this.#lines.passed(chunk, first - chunk.first)
      if (this.#closed) return
      for (let index = 0; index < passed.length; index++) this.#take(first + index, passed[index] === 1)
      this.#next = first + passed.length
      const now = performance.now()
      if (now - reported > REPORT_MS) {
        this.#options.onNews()
        reported = now
      }
      if (now - slice > SLICE_MS) {
        await nextTurn()
        slice = performance.now()
      }
    }
  }

  #take(line: number, passes: boolean): void {
    const { context } = this.#options.filter
    if (passes) {
      this.#passed += 1
      for (let before = Math.max(this.#free, line - context); before < line; before++) this.#rows.push(before, true)
      this.#rows.push(line, false)
      this.#free = line + 1
      this.#until = line + 1 + context
    } else if (line < this.#until) {
      this.#rows.push(line, true)
      this.#free = line + 1
    }
  }
}
