/** Stack traces of one view: found as lines come, folded over all its lines and over the rows of its filter. */
import type { FilterIndex } from './filter-index.ts'
import { FoldIndex, linesAsRows } from './fold-index.ts'
import type { LogStore } from './store.ts'
import { TraceIndex } from './trace-index.ts'

/** The thread is given free this often, ms… */
const SLICE_MS = 6
/** …and news is told this often while much is looked through, ms. */
const REPORT_MS = 50

export class Folding {
  readonly #store: LogStore
  readonly #onNews: () => void
  readonly #traces: TraceIndex
  readonly #lines: FoldIndex
  #filter: FoldIndex | null = null
  #turn: NodeJS.Immediate | null = null
  #reported = 0

  /** `onNews`: rows found their place in a later turn than the one that asked. */
  constructor(store: LogStore, onNews: () => void) {
    this.#store = store
    this.#onNews = onNews
    this.#traces = new TraceIndex(store)
    this.#lines = new FoldIndex(store, this.#traces, linesAsRows(store))
  }

  /** Rows of this filter from now on; null: there is none. */
  setFilter(filter: FilterIndex | null): void {
    this.#filter = filter && new FoldIndex(this.#store, this.#traces, filter.rows)
  }

  get lines(): FoldIndex {
    return this.#lines
  }

  get filter(): FoldIndex | null {
    return this.#filter
  }

  /** Looks at what is new: at once what takes a moment, the rest in later turns. */
  run(): void {
    if (this.#turn) return
    const done = this.#slice()
    if (done) return
    this.#turn = setImmediate(() => {
      this.#turn = null
      const now = performance.now()
      this.run()
      if (this.#turn && now - this.#reported < REPORT_MS) return
      this.#reported = now
      this.#onNews()
    })
  }

  close(): void {
    if (this.#turn) clearImmediate(this.#turn)
    this.#turn = null
  }

  #slice(): boolean {
    const deadline = performance.now() + SLICE_MS
    const known = this.#traces.run(deadline)
    const placed = this.#lines.run(deadline)
    const passed = this.#filter?.run(deadline) ?? true
    return known && placed && passed
  }
}
