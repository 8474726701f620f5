/** Decides which lines of a chunk pass a filter. Text and levels at once; patterns in a thread of their own. */
import type { LogFilter, LogLevel, LogTerm } from '../contract/models.ts'
import { LOG_GAP, LOG_STDERR } from '../contract/models.ts'
import type { Chunk } from './chunk.ts'
import { lineStart } from './chunk.ts'
import { detectLevel, isContinuation } from './level.ts'
import { createMatcher, readable } from './match.ts'
import type { Matcher, Scannable, SearchQuery } from './match.ts'
import type { RegexScanner } from './search.ts'

interface Test {
  readonly wanted: boolean
  readonly match: Matcher | RegexScanner['scan']
}

export class LineFilter {
  readonly #filter: LogFilter
  readonly #tests: readonly Test[]
  readonly #scanners: RegexScanner[] = []
  readonly #levels: ReadonlySet<LogLevel>
  /** Level of the newest line that had one, for those that go on with it: of each container and stream apart. */
  readonly #last = new Map<number, LogLevel>()

  /** Throws `invalid-request`, hint `pattern`, for what is no pattern. */
  constructor(filter: LogFilter, scanner: (query: SearchQuery) => RegexScanner) {
    this.#filter = filter
    this.#levels = new Set(filter.levels)
    for (const term of [...filter.include, ...filter.exclude]) createMatcher(term)
    const test = (wanted: boolean) => (term: LogTerm): Test => {
      if (!term.regex) return { wanted, match: createMatcher(term) }
      const runs = scanner({ query: term.query, regex: true, caseSensitive: term.caseSensitive })
      this.#scanners.push(runs)
      return { wanted, match: (chunk) => runs.scan(chunk) }
    }
    this.#tests = [...filter.include.map(test(true)), ...filter.exclude.map(test(false))]
  }

  /**
   * One byte for each line of the chunk from index `from` on, 1 = it passes. Call it for all lines in order. Throws what
   * a scanner throws (`timeout`). The chunk's memory is read before anything is waited for.
   */
  async passed(chunk: Chunk, from: number): Promise<Uint8Array> {
    const flags = chunk.flags.slice(from)
    const passed = new Uint8Array(flags.length).fill(1)
    const part = readable(partOf(chunk, from))
    this.#byLevel(part, flags, chunk.sources.subarray(from), passed)
    const { stream } = this.#filter
    if (stream !== 'all') flags.forEach((bits, line) => (((bits & LOG_STDERR) !== 0) === (stream === 'stderr')) || (passed[line] = 0))
    const answers = await Promise.all(this.#tests.map(async ({ match }) => match(part)))
    this.#tests.forEach(({ wanted }, index) => keep(passed, answers[index] ?? [], wanted))
    flags.forEach((bits, line) => bits & LOG_GAP && (passed[line] = 1))
    return passed
  }

  close(): void {
    for (const scanner of this.#scanners) scanner.close()
  }

  #byLevel({ text, ends }: Scannable, flags: Uint8Array, sources: Uint8Array, passed: Uint8Array): void {
    if (this.#levels.size === 0) return
    const lines = Buffer.from(text.buffer, text.byteOffset, text.byteLength).toString('utf8').split('\n')
    for (let index = 0; index < ends.length; index++) {
      const line = lines[index] as string
      const stream = (sources[index] as number) * 2 + ((flags[index] as number) & LOG_STDERR)
      let level = detectLevel(line)
      if (level === 'unknown' && isContinuation(line)) level = this.#last.get(stream) ?? level
      else this.#last.set(stream, level)
      if (!this.#levels.has(level)) passed[index] = 0
    }
  }
}

function partOf(chunk: Chunk, from: number): Scannable {
  if (from === 0) return chunk
  const start = lineStart(chunk, from)
  return { text: chunk.text.subarray(start), ends: chunk.ends.slice(from).map((end) => end - start) }
}

function keep(passed: Uint8Array, matching: readonly number[], wanted: boolean): void {
  if (!wanted) {
    for (const line of matching) passed[line] = 0
    return
  }
  const had = passed.slice()
  passed.fill(0)
  for (const line of matching) passed[line] = had[line] as number
}
