/** The histogram of a view: counts of its lines by time and level, found a little at a time while somebody looks. */
import type { LogFilter, LogHistogram } from '../contract/models.ts'
import { LOG_GAP } from '../contract/models.ts'
import { partOf } from './chunk.ts'
import { LineFilter } from './filter.ts'
import { LevelIndex } from './level-index.ts'
import { LOG_LEVELS } from './level.ts'
import type { SearchQuery } from './match.ts'
import type { RegexScanner } from './search.ts'
import type { LogStore } from './store.ts'
import { TimeSlots } from './time-slots.ts'

/** The thread is given free this often, ms: lines that come and windows that are asked for go first… */
const SLICE_MS = 4
/** …and news is told this often while much is looked through, ms. */
const REPORT_MS = 200
/** Lines looked at in one go: a slice must not be much longer than it may be. */
const STEP_LINES = 1_024

export interface HistogramOptions {
  /** Which lines count; null = all. Its time range and its lines around do not matter. */
  readonly filter: LogFilter | null
  readonly scanner: (query: SearchQuery) => RegexScanner
  /** Levels of the store's lines as others found them; its own unless told. */
  readonly levels?: LevelIndex
  /** More was counted, or everything held is. */
  readonly onNews: () => void
}

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve))

export class HistogramIndex {
  readonly #store: LogStore
  readonly #onNews: () => void
  readonly #slots = new TimeSlots()
  readonly #levels: LevelIndex
  readonly #wanted: ReadonlySet<number>
  readonly #lines: LineFilter | null
  readonly #begin: number
  /** Lines before it were counted. */
  #next: number
  #running = false
  /** Nobody looks: nothing is counted. */
  #resting = false
  #closed = false

  /** Throws `invalid-request`, hint `pattern`. */
  constructor(store: LogStore, { filter, scanner, levels = new LevelIndex(store), onNews }: HistogramOptions) {
    this.#store = store
    this.#onNews = onNews
    this.#levels = levels
    this.#wanted = new Set((filter?.levels ?? []).map((level) => LOG_LEVELS.indexOf(level)))
    // Levels are looked at here anyway: the filter need not do it again.
    this.#lines = filter && new LineFilter({ ...filter, levels: [], since: null, until: null }, levels, scanner)
    this.#begin = filter?.fromLine ?? 0
    this.#next = Math.max(store.firstLine, this.#begin)
  }

  /** What was counted so far; see TimeSlots.bars. */
  bars(since: number | null, until: number | null, most: number): LogHistogram {
    this.#slots.dropBefore(this.#store.firstLine)
    const begin = Math.max(this.#store.firstLine, this.#begin)
    const held = this.#store.endLine - begin
    const scanned = held <= 0 ? 1 : Math.min(1, Math.max(0, (this.#next - begin) / held))
    return { ...this.#slots.bars(since, until, most), scanned }
  }

  /** Counts the lines it has not seen. Never rejects; a call while it runs is none. */
  async run(): Promise<void> {
    this.#resting = false
    if (this.#running) return
    const before = this.#next
    this.#running = true
    try {
      await this.#scan()
    } catch {
      // A pattern that takes too long: the filter with the same pattern says so.
      this.#closed = true
    } finally {
      this.#running = false
    }
    if (!this.#closed && this.#next > before) this.#onNews()
  }

  /** Nobody looks any more; what was counted is kept. */
  rest(): void {
    this.#resting = true
  }

  close(): void {
    this.#closed = true
    this.#lines?.close()
  }

  async #scan(): Promise<void> {
    let slice = performance.now()
    let reported = slice
    while (!this.#closed && !this.#resting && this.#next < this.#store.endLine) {
      await this.#step()
      const now = performance.now()
      if (now - slice > SLICE_MS) {
        if (now - reported > REPORT_MS) {
          this.#onNews()
          reported = now
        }
        await nextTurn()
        slice = performance.now()
      }
    }
  }

  async #step(): Promise<void> {
    this.#next = Math.max(this.#next, this.#store.firstLine)
    const chunk = this.#store.chunkAt(this.#next)
    if (!chunk) {
      this.#next = this.#store.endLine
      return
    }
    const from = this.#next - chunk.first
    const to = Math.min(chunk.count, from + STEP_LINES)
    const part = partOf(chunk, from, to)
    const levels = this.#levels.read(chunk, from, to)
    // The chunk's memory may be used again while a pattern is waited for.
    const times = this.#lines ? part.times.slice() : part.times
    const flags = this.#lines ? part.flags.slice() : part.flags
    const passed = this.#lines ? await this.#lines.passed(part, 0) : null
    if (this.#closed) return
    const first = this.#next
    for (let index = 0; index < levels.length; index++) {
      const level = levels[index] as number
      if ((passed && passed[index] === 0) || (flags[index] as number) & LOG_GAP) continue
      if (this.#wanted.size === 0 || this.#wanted.has(level)) this.#slots.add(times[index] as number, level, first + index)
    }
    this.#next = first + levels.length
  }
}
