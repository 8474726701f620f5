/** Everything that happens in the log worker, without the worker: messages in, messages out. */
import { NaruError, toEnvelope } from '../contract/errors.ts'
import type { LogFilter, LogMatches } from '../contract/models.ts'
import { exportStore } from './export.ts'
import { FilterIndex } from './filter-index.ts'
import type { FoldIndex } from './fold-index.ts'
import { Folding } from './folding.ts'
import { HistogramIndex } from './histogram.ts'
import type { SearchQuery } from './match.ts'
import { findMark, markOf } from './line-mark.ts'
import { firstTime, lineAt } from './place.ts'
import type { FromRoom, RoomCallName, RoomCalls, ToRoom } from './protocol.ts'
import { searchStore } from './search.ts'
import type { RegexScanner } from './search.ts'
import { LogView } from './view.ts'

/** Figures of a view are sent at most this often, milliseconds… */
const FIGURES_MS = 40
/** …and the first after a pause so soon: the first lines wait for them. */
const FIRST_FIGURES_MS = 5

export interface RoomOptions {
  readonly post: (message: FromRoom, transfer?: readonly ArrayBuffer[]) => void
  readonly scanner: (query: SearchQuery) => RegexScanner
}

interface OpenView {
  readonly view: LogView
  sources: number
  figuresTimer: NodeJS.Timeout | null
  /** When they were sent last; milliseconds. */
  figuresAt: number
  drainTimer: NodeJS.Timeout | null
  readonly pulls: Set<number>
  filter: FilterIndex | null
  readonly folding: Folding
  /** Kept while nobody looks, for whoever looks again at the same lines. */
  histogram: { readonly of: string; readonly index: HistogramIndex } | null
}

interface Pull {
  readonly items: AsyncGenerator<LogMatches | Uint8Array>
  readonly abort: AbortController
}

type Handlers = { readonly [N in RoomCallName]: (arg: RoomCalls[N]['arg']) => Reply<N> | Promise<Reply<N>> }
type Reply<N extends RoomCallName> = RoomCalls[N]['result']

export class LogRoom {
  readonly #post: RoomOptions['post']
  readonly #scanner: RoomOptions['scanner']
  readonly #views = new Map<string, OpenView>()
  readonly #pulls = new Map<number, Pull>()
  #nextPull = 1
  #nextFilter = 1

  constructor(options: RoomOptions) {
    this.#post = options.post
    this.#scanner = options.scanner
  }

  /** Takes one message; never throws. */
  handle(message: ToRoom): void {
    if (message.type === 'data') this.#data(message)
    else void this.#answer(message.id, message.name, message.arg)
  }

  /** Closes every view and deletes their files. */
  close(): void {
    for (const name of [...this.#views.keys()]) this.#closeView(name)
  }

  async #answer<N extends RoomCallName>(id: number, name: N, arg: RoomCalls[N]['arg']): Promise<void> {
    try {
      const handler = this.#handlers[name] as Handlers[N]
      const value = await handler(arg)
      this.#post({ type: 'reply', id, value }, value instanceof Uint8Array ? transferable(value) : undefined)
    } catch (error) {
      this.#post({ type: 'refused', id, error: toEnvelope(error) })
    }
  }

  readonly #handlers: Handlers = {
    open: ({ view: name, sources, folder, capBytes, memoryBytes }) => {
      const view = new LogView({ folder, name, capBytes, memoryBytes, sources })
      const folding = new Folding(view.store, () => this.#tell(name, open))
      const open: OpenView = { view, sources, figuresTimer: null, figuresAt: 0, drainTimer: null, pulls: new Set(), filter: null, folding, histogram: null }
      this.#views.set(name, open)
      return null
    },
    join: ({ view }) => {
      const open = this.#of(view)
      open.view.join()
      open.sources += 1
      return null
    },
    close: ({ view }) => {
      this.#closeView(view)
      return null
    },
    begin: ({ view, source, tty }) => ({ since: this.#of(view).view.begin(source, tty, performance.now()) }),
    end: ({ view: name, source, flush }) => {
      const open = this.#of(name)
      try {
        open.view.end(source, flush)
      } finally {
        this.#settle(name, open)
      }
      return { lines: open.view.lines(source), past: open.view.past(source) }
    },
    window: ({ view, filterId, folded, from, count }) => {
      const open = this.#of(view)
      const filter = filterOf(open, filterId)
      return (folded ? foldsOf(open, filter) : (filter ?? open.view.store)).window(from, count)
    },
    filter: ({ view, filter }) => ({ filterId: this.#filter(view, filter) }),
    place: ({ view, filterId, folded, at }) => {
      const open = this.#of(view)
      const { store } = open.view
      const filter = filterOf(open, filterId)
      const asked = 'time' in at ? lineAt(store, at.time) : Math.max(at.line, store.firstLine)
      const line = Math.min(asked, Math.max(store.firstLine, store.endLine - 1))
      const found = folded ? foldsOf(open, filter).nearest(line) : { row: filter ? filter.nearest(line) : line, folded: false }
      return { ...found, line, firstTime: firstTime(store) }
    },
    fold: ({ view: name, filterId, row, open: wanted }) => {
      const open = this.#of(name)
      const change = foldsOf(open, filterOf(open, filterId)).fold(row, wanted)
      if (change) this.#tell(name, open)
      return change ?? { row, lines: 0 }
    },
    mark: ({ view, filterId, folded, row }) => {
      const open = this.#of(view)
      const filter = filterOf(open, filterId)
      return { mark: markOf(open.view.store, folded ? foldsOf(open, filter).lineOf(row) : (filter?.lineOf(row) ?? row)) }
    },
    find: ({ view, filterId, folded, mark }) => {
      const open = this.#of(view)
      const filter = filterOf(open, filterId)
      return findMark(open.view.store, mark, (line) => (folded ? foldsOf(open, filter).rowOf(line) : { row: filter?.rowOf(line) ?? line, folded: false }))
    },
    histogram: ({ view, filter, since, until, bars }) => {
      const index = this.#histogram(view, filter)
      void index.run()
      return index.bars(since, until, bars)
    },
    rest: ({ view }) => {
      this.#of(view).histogram?.index.rest()
      return null
    },
    search: ({ view, filterId, folded, ...query }) =>
      this.#open(view, (open, signal) => {
        const filter = filterOf(open, filterId)
        const folds = folded ? foldsOf(open, filter) : null
        const rowOf = folds ? (line: number) => folds.rowOf(line).row : filter && ((line: number) => filter.rowOf(line))
        const isInside = folds && ((line: number) => folds.rowOf(line).folded)
        return searchStore(open.view.store, { ...query, signal, scanner: this.#scanner, ...(rowOf && { rowOf }), ...(isInside && { isInside }) })
      }),
    export: ({ view, filterId, ...options }) =>
      this.#open(view, (open, signal) => {
        const index = filterOf(open, filterId)
        return exportStore(open.view.store, { ...options, signal, ...(index && { runs: index.runs() }) })
      }),
    pull: async ({ pull }) => {
      const found = this.#pulls.get(pull)
      if (!found) throw new NaruError('cancelled', 'no such search or export')
      const next = await found.items.next().catch((error: unknown) => {
        this.#pulls.delete(pull)
        throw error
      })
      if (next.done) this.#pulls.delete(pull)
      return next.done ? null : next.value
    },
    stop: ({ pull }) => {
      this.#stop(pull)
      return null
    },
  }

  #filter(name: string, filter: LogFilter | null): number {
    const open = this.#of(name)
    const id = this.#nextFilter++
    const index = filter && new FilterIndex(open.view.store, { id, filter, levels: open.view.levels, scanner: this.#scanner, onNews: () => this.#tell(name, open) })
    open.filter?.close()
    open.filter = index
    open.folding.setFilter(index)
    this.#tell(name, open)
    void index?.run()
    return id
  }

  #histogram(name: string, filter: LogFilter | null): HistogramIndex {
    const open = this.#of(name)
    const of = JSON.stringify(filter)
    if (open.histogram?.of === of) return open.histogram.index
    const index = new HistogramIndex(open.view.store, { filter, levels: open.view.levels, scanner: this.#scanner, onNews: () => this.#tell(name, open) })
    open.histogram?.index.close()
    open.histogram = { of, index }
    return index
  }

  #tell(name: string, { view, filter, folding }: OpenView): void {
    folding.run()
    const figures = { ...view.store.figures(), folds: folding.lines.figures() }
    this.#post({ type: 'figures', view: name, figures, filter: filter && folding.filter ? { ...filter.figures(), folds: folding.filter.figures() } : undefined })
  }

  #open(
    name: string,
    make: (view: OpenView, signal: AbortSignal) => AsyncGenerator<LogMatches | Uint8Array>,
  ): { readonly pull: number } {
    const view = this.#of(name)
    const abort = new AbortController()
    const pull = this.#nextPull++
    this.#pulls.set(pull, { items: make(view, abort.signal), abort })
    view.pulls.add(pull)
    return { pull }
  }

  #stop(pull: number): void {
    const found = this.#pulls.get(pull)
    if (!found) return
    this.#pulls.delete(pull)
    found.abort.abort()
    // Queued behind a pull that still runs, which the abort ends at its next chunk.
    found.items.return(undefined).catch(() => undefined)
  }

  #data({ view: name, source, bytes, length }: Extract<ToRoom, { type: 'data' }>): void {
    const open = this.#views.get(name)
    if (!open) return
    try {
      open.view.write(source, bytes.subarray(0, length), performance.now())
    } catch (error) {
      this.#post({ type: 'fault', view: name, source, error: toEnvelope(error) })
    }
    this.#settle(name, open, { source, spare: bytes })
  }

  /** After lines came or a source ended: merge, give credit, tell the figures. */
  #settle(name: string, open: OpenView, data?: { source: number; spare: Uint8Array<ArrayBuffer> }): void {
    const { view } = open
    const again = view.drain(performance.now())
    if (open.drainTimer) clearTimeout(open.drainTimer)
    open.drainTimer = null
    if (again !== null) {
      open.drainTimer = setTimeout(() => this.#settle(name, open), Math.max(1, again - performance.now()))
    }
    for (let source = 0; source < open.sources; source++) {
      const bytes = view.takeCredit(source)
      const spare = data?.source === source ? data.spare : undefined
      if (bytes === 0 && !spare) continue
      const credit = { type: 'credit', view: name, source, bytes, lines: view.lines(source), past: view.past(source) } as const
      if (spare) this.#post({ ...credit, spare }, [spare.buffer])
      else this.#post(credit)
    }
    const wait = Math.max(FIRST_FIGURES_MS, open.figuresAt + FIGURES_MS - performance.now())
    open.figuresTimer ??= setTimeout(() => {
      open.figuresTimer = null
      open.figuresAt = performance.now()
      this.#tell(name, open)
      void open.filter?.run()
    }, wait)
  }

  #closeView(name: string): void {
    const open = this.#views.get(name)
    if (!open) return
    this.#views.delete(name)
    if (open.figuresTimer) clearTimeout(open.figuresTimer)
    if (open.drainTimer) clearTimeout(open.drainTimer)
    for (const pull of open.pulls) this.#stop(pull)
    open.filter?.close()
    open.folding.close()
    open.histogram?.index.close()
    open.view.close()
  }

  #of(name: string): OpenView {
    const open = this.#views.get(name)
    if (!open) throw new NaruError('not-found', 'no such log view')
    return open
  }
}

/** The filter numbers are asked of, null when they are line numbers. Throws `cancelled` when it was replaced since. */
function filterOf({ filter }: OpenView, id: number | undefined): FilterIndex | null {
  if (id === undefined) return null
  if (filter?.id !== id) throw new NaruError('cancelled', 'the filter was replaced')
  return filter
}

/** Rows with stack traces folded, of a filter or of all lines. */
function foldsOf({ folding }: OpenView, filter: FilterIndex | null): FoldIndex {
  return (filter && folding.filter) ?? folding.lines
}

function transferable(bytes: Uint8Array): readonly ArrayBuffer[] | undefined {
  const { buffer } = bytes
  return buffer instanceof ArrayBuffer && buffer.byteLength === bytes.byteLength ? [buffer] : undefined
}
