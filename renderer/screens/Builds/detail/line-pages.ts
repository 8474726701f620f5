/** Lines of a build's log near the place that is looked at: fetched in pages, forgotten when far away. */
import type { BuildLogLine, BuildLogWindow } from '../../../../engine/contract/models.ts'
import { LOG_STDERR } from '../../../../engine/contract/models.ts'
import type { LogLine } from '../../Logs/window-cache.ts'

const PAGE = 250
const PAGES_KEPT = 24

interface Page {
  lines: readonly LogLine[]
  loading: boolean
  /** Lines it was asked to have. */
  asked: number
}

export class LinePages {
  readonly #fetch: (from: number, count: number) => Promise<BuildLogWindow>
  readonly #loaded: (window: BuildLogWindow) => void
  readonly #pages = new Map<number, Page>()
  #total = 0
  #ended = false

  /** `loaded` is told when more can be painted. */
  constructor(fetch: (from: number, count: number) => Promise<BuildLogWindow>, loaded: (window: BuildLogWindow) => void) {
    this.#fetch = fetch
    this.#loaded = loaded
  }

  /** Lines there are now; more may come. */
  set total(lines: number) {
    this.#total = lines
  }

  /** Nothing is told any more. */
  end(): void {
    this.#ended = true
  }

  /** The line when it is here; else undefined, and it is on its way. */
  get(number: number): LogLine | undefined {
    const index = Math.floor(number / PAGE)
    const page = this.#pages.get(index) ?? this.#create(index)
    const wanted = Math.min(PAGE, this.#total - index * PAGE)
    if (!page.loading && page.asked < wanted) void this.#load(index, page, wanted)
    return page.lines[number - index * PAGE]
  }

  #create(index: number): Page {
    const page: Page = { lines: [], loading: false, asked: 0 }
    this.#pages.set(index, page)
    if (this.#pages.size > PAGES_KEPT) {
      const farthest = [...this.#pages.keys()].reduce((far, each) => (Math.abs(each - index) > Math.abs(far - index) ? each : far), index)
      this.#pages.delete(farthest)
    }
    return page
  }

  async #load(index: number, page: Page, wanted: number): Promise<void> {
    page.loading = true
    page.asked = wanted
    try {
      const lines: LogLine[] = []
      let window: BuildLogWindow
      // An answer has at most 1 MiB: the rest of the page is asked for again.
      do {
        window = await this.#fetch(index * PAGE + lines.length, wanted - lines.length)
        for (const line of window.lines) lines.push(lineOf(line, index * PAGE + lines.length))
      } while (lines.length < wanted && window.lines.length > 0 && !this.#ended)
      if (this.#ended) return
      page.lines = lines
      this.#loaded(window)
    } catch {
      // The build was removed or the link broke: the next change asks again.
      page.asked = 0
    } finally {
      page.loading = false
    }
  }
}

const lineOf = ({ text, at, stderr }: BuildLogLine, number: number): LogLine => ({ number, text, time: at, source: 0, flags: stderr ? LOG_STDERR : 0 })
