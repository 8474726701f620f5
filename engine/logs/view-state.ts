/** What the service knows of a view besides its lines: one status made of those of its containers. */
import type { ErrorEnvelope } from '../contract/errors.ts'
import type { LogFilterState, LogFoldState, LogViewState } from '../contract/models.ts'
import type { StoreFigures } from './store.ts'

type Figures = StoreFigures & { readonly folds?: LogFoldState }
type Status = LogViewState['status']

interface SourceState {
  status: Status
  error: ErrorEnvelope | undefined
  /** Lines taken in so far, and those of them that are no news. */
  lines: number
  past: number
  /** As many lines as were asked for had come when the first load seemed over. */
  filled: boolean
  /** The first load is over, as far as one can tell: an engine that is slow may still be giving older lines. */
  loaded: boolean
  /** It was read from its first line on. */
  whole: boolean
}

const newSource = (): SourceState => ({ status: 'loading', error: undefined, lines: 0, past: 0, filled: false, loaded: false, whole: false })

/** A view of several containers does what the liveliest of them does. */
const ORDER: readonly Status[] = ['loading', 'reconnecting', 'following', 'ended', 'failed']

/** State of one view, with wake-ups for those who watch it. Only the newest state counts. */
export class ViewState {
  readonly #viewId: string
  readonly #tail: number
  readonly #sources: SourceState[]
  #figures: Figures = { firstLine: 0, endLine: 0, bytes: 0, droppedLines: 0 }
  #filter: LogFilterState | undefined
  #revision = 0
  #closed = false
  #wake: Array<() => void> = []

  constructor(viewId: string, sources: number, tail: number) {
    this.#viewId = viewId
    this.#tail = tail
    this.#sources = Array.from({ length: sources }, newSource)
  }

  /** One more container, whose log is read from its first line on. */
  join(): void {
    this.#sources.push({ ...newSource(), whole: true })
    this.#changed()
  }

  report(index: number, status: Status, error?: ErrorEnvelope): void {
    const source = this.#sources[index] as SourceState
    source.status = status
    source.error = error
    if ((status === 'following' || status === 'ended') && !source.loaded) {
      source.loaded = true
      source.filled = source.lines >= this.#tail
    }
    this.#changed()
  }

  /** Lines of a source taken in so far, and those printed before it was asked for; told before its status changes. */
  setLines(index: number, lines: number, past: number): void {
    Object.assign(this.#sources[index] as SourceState, { lines, past })
  }

  setFigures(figures: Figures, filter?: LogFilterState): void {
    this.#figures = figures
    this.#filter = filter
    this.#changed()
  }

  failAll(error: ErrorEnvelope): void {
    for (const source of this.#sources) {
      source.status = 'failed'
      source.error = error
    }
    this.#changed()
  }

  close(): void {
    this.#closed = true
    this.#changed()
  }

  current(): LogViewState {
    const { error: storeError, ...figures } = this.#figures
    const status = ORDER.find((candidate) => this.#sources.some((source) => source.status === candidate)) ?? 'failed'
    const error = this.#sources.find((source) => source.error)?.error ?? storeError
    return {
      viewId: this.#viewId,
      ...figures,
      moreBefore: this.#sources.some((source) => this.#mayHaveMore(source)),
      status,
      ...(error && { error }),
      ...(this.#filter && { filter: this.#filter }),
    }
  }

  /** The present state, then each newer one; a slow reader skips those in between. Ends when the view is closed. */
  async *watch(signal: AbortSignal): AsyncGenerator<LogViewState> {
    const wakeAll = () => this.#wakeAll()
    signal.addEventListener('abort', wakeAll)
    try {
      for (let seen = -1; !signal.aborted && !this.#closed; ) {
        if (seen === this.#revision) {
          await new Promise<void>((resolve) => this.#wake.push(resolve))
          continue
        }
        seen = this.#revision
        yield this.current()
      }
    } finally {
      signal.removeEventListener('abort', wakeAll)
    }
  }

  /**
   * As many lines as were asked for: there may be older ones. Nothing in the stream tells where the past ends, and a slow
   * engine may still be giving it when the first load seems over: then the lines' own times tell. What was printed since
   * does not count: a log that only grew while it was watched has nothing older.
   */
  #mayHaveMore({ whole, loaded, filled, past }: SourceState): boolean {
    return !whole && loaded && (filled || past >= this.#tail)
  }

  #changed(): void {
    this.#revision++
    this.#wakeAll()
  }

  #wakeAll(): void {
    const wake = this.#wake
    this.#wake = []
    for (const resolve of wake) resolve()
  }
}
