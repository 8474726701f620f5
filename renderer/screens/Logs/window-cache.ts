/** Lines of a log view near the place that is looked at: fetched in pages, decoded once, forgotten soon. */
import { LOG_PARTIAL } from '../../../engine/contract/models.ts'
import type { LogWindow } from '../../../engine/contract/models.ts'

export interface LogLine {
  readonly number: number
  readonly text: string
  /** Milliseconds since 1970; NaN when unknown. */
  readonly time: number
  readonly flags: number
  /** Index of the container it came from. */
  readonly source: number
  /** Its number among all lines of the view, where `number` is that of a row. */
  readonly line?: number
  /** Lines of the stack trace it begins; only where traces are folded. */
  readonly folds?: number
}

const PAGE = 256
/** About 5 000 lines stay decoded: some screens above and below. */
const PAGES_KEPT = 20
/** Newest lines fetched at once while following: more than any screen is high. */
const TAIL = 200

interface Page {
  lines: LogLine[]
  loading: boolean
  /** False when lines may have come (or the open line may have grown) since it was fetched. */
  fresh: boolean
}

/** `fetch` gives lines from a number on; `loaded` is told when more can be painted. */
export class WindowCache {
  readonly #fetch: (from: number, count: number) => Promise<LogWindow>
  readonly #loaded: () => void
  readonly #pages = new Map<number, Page>()
  readonly #decoder = new TextDecoder()
  #tail: LogLine[] = []
  #tailLoading = false
  #tailWanted = 0
  #generation = 0

  constructor(fetch: (from: number, count: number) => Promise<LogWindow>, loaded: () => void) {
    this.#fetch = fetch
    this.#loaded = loaded
  }

  clear(): void {
    this.#generation += 1
    this.#pages.clear()
    this.#tail = []
    this.#tailWanted = 0
    this.#tailLoading = false
  }

  /** Lines came: pages that were not full are fetched again when they are looked at. */
  grown(): void {
    for (const page of this.#pages.values()) {
      const last = page.lines.at(-1)
      if (page.lines.length < PAGE || (last && last.flags & LOG_PARTIAL)) page.fresh = false
    }
  }

  /** A trace may have grown: its first line, not far from the end, says how long it is. */
  foldsGrown(end: number): void {
    const newest = Math.floor(Math.max(0, end - 1) / PAGE)
    for (const [index, page] of this.#pages) if (index >= newest - 1) page.fresh = false
  }

  /** Rows behind `row` moved by `lines` (fewer: negative): what is here moves along, and is fetched again when looked at. */
  shift({ row, lines }: { readonly row: number; readonly lines: number }): void {
    const held = [...this.#pages.values()].flatMap((page) => page.lines).concat(this.#tail)
    this.clear()
    for (const line of held) {
      if (line.number > row && line.number <= row - lines) continue
      const number = line.number > row ? line.number + lines : line.number
      const page = this.#pages.get(Math.floor(number / PAGE)) ?? { lines: [], loading: false, fresh: false }
      this.#pages.set(Math.floor(number / PAGE), page)
      // A page has no holes: what does not follow is fetched.
      const last = page.lines.at(-1)
      if (!last || last.number + 1 === number) page.lines.push({ ...line, number })
    }
  }

  /** One past the newest line that is here to be painted at the end; 0 when none is. */
  get tailEnd(): number {
    const last = this.#tail.at(-1)
    return last ? last.number + 1 : 0
  }

  /** Fetches the newest lines; one request at a time, the newest wish counts. */
  follow(end: number): void {
    this.#tailWanted = end
    if (!this.#tailLoading) void this.#loadTail()
  }

  /** The line when it is here; else undefined, and it is on its way. */
  get(number: number): LogLine | undefined {
    const tail = this.#tail[number - (this.#tail[0]?.number ?? 0)]
    if (tail?.number === number) return tail
    const index = Math.floor(number / PAGE)
    const page = this.#pages.get(index) ?? this.#create(index)
    const line = page.lines[number - (page.lines[0]?.number ?? number)]
    if (!page.fresh && !page.loading) void this.#load(index, page)
    return line?.number === number ? line : undefined
  }

  #create(index: number): Page {
    const page: Page = { lines: [], loading: false, fresh: false }
    this.#pages.set(index, page)
    if (this.#pages.size > PAGES_KEPT) this.#forgetFarthest(index)
    return page
  }

  async #load(index: number, page: Page): Promise<void> {
    const generation = this.#generation
    page.loading = true
    page.fresh = true
    try {
      const window = await this.#fetch(index * PAGE, PAGE)
      if (generation !== this.#generation) return
      page.lines = this.#decode(window)
    } catch {
      // The view closed or the link broke: the view's own state tells, and the next change asks again.
      page.fresh = false
      return
    } finally {
      page.loading = false
    }
    this.#loaded()
  }

  async #loadTail(): Promise<void> {
    const generation = this.#generation
    const end = this.#tailWanted
    const from = Math.max(0, end - TAIL)
    this.#tailLoading = true
    try {
      const window = await this.#fetch(from, end - from)
      if (generation !== this.#generation) return
      this.#tail = this.#decode(window)
    } catch {
      return
    } finally {
      if (generation === this.#generation) this.#tailLoading = false
    }
    this.#loaded()
    if (this.#tailWanted > end) void this.#loadTail()
  }

  #decode(window: LogWindow): LogLine[] {
    const lines: LogLine[] = []
    let start = 0
    for (let i = 0; i < window.ends.length; i += 1) {
      const end = window.ends[i] as number
      lines.push({
        number: window.from + i,
        text: this.#decoder.decode(window.text.subarray(start, end)),
        time: window.times[i] as number,
        flags: window.flags[i] as number,
        source: window.sources?.[i] ?? 0,
        line: window.lines?.[i] ?? window.from + i,
        folds: window.folds?.[i] ?? 0,
      })
      start = end
    }
    return lines
  }

  #forgetFarthest(near: number): void {
    let farthest = near
    for (const index of this.#pages.keys()) if (Math.abs(index - near) > Math.abs(farthest - near)) farthest = index
    this.#pages.delete(farthest)
  }
}
