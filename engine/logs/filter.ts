/** Decides which lines of a chunk pass a filter. Text and levels at once; patterns in a thread of their own. */
import type { LogFilter, LogTerm } from '../contract/models.ts'
import { LOG_GAP, LOG_STDERR } from '../contract/models.ts'
import type { Chunk } from './chunk.ts'
import { partOf } from './chunk.ts'
import { LOG_LEVELS } from './level.ts'
import type { LevelIndex } from './level-index.ts'
import { createMatcher, readable } from './match.ts'
import type { Matcher, SearchQuery } from './match.ts'
import type { RegexScanner } from './search.ts'

interface Test {
  readonly wanted: boolean
  readonly match: Matcher | RegexScanner['scan']
}

export class LineFilter {
  readonly #filter: LogFilter
  readonly #tests: readonly Test[]
  readonly #scanners: RegexScanner[] = []
  /** By place in LOG_LEVELS, 1 = wanted; null: all are. */
  readonly #wanted: Uint8Array | null
  readonly #levels: LevelIndex

  /** Throws `invalid-request`, hint `pattern`, for what is no pattern. */
  constructor(filter: LogFilter, levels: LevelIndex, scanner: (query: SearchQuery) => RegexScanner) {
    this.#filter = filter
    this.#levels = levels
    this.#wanted = filter.levels.length > 0 ? wantedOf(filter) : null
    for (const term of [...filter.include, ...filter.exclude]) createMatcher(term)
    const test = (wanted: boolean) => (term: LogTerm): Test => {
      if (!term.regex) return { wanted, match: createMatcher(term) }
      const runs = scanner({ ...term, regex: true })
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
    const part = partOf(chunk, from, chunk.count)
    const flags = part.flags.slice()
    const passed = new Uint8Array(flags.length).fill(1)
    if (!this.#byTime(part.times, passed)) {
      flags.forEach((bits, line) => bits & LOG_GAP && (passed[line] = 1))
      return passed
    }
    if (this.#wanted) {
      const levels = this.#levels.read(chunk, from, chunk.count)
      for (let line = 0; line < levels.length; line++) if (this.#wanted[levels[line] as number] === 0) passed[line] = 0
    }
    const { stream } = this.#filter
    if (stream !== 'all') flags.forEach((bits, line) => (((bits & LOG_STDERR) !== 0) === (stream === 'stderr')) || (passed[line] = 0))
    const { sources } = this.#filter
    if (sources.length > 0) part.sources.forEach((source, line) => sources.includes(source) || (passed[line] = 0))
    if (this.#tests.length > 0) {
      const text = readable(part)
      const answers = await Promise.all(this.#tests.map(async ({ match }) => match(text)))
      this.#tests.forEach(({ wanted }, index) => keep(passed, answers[index] ?? [], wanted))
    }
    flags.forEach((bits, line) => bits & LOG_GAP && (passed[line] = 1))
    return passed
  }

  close(): void {
    for (const scanner of this.#scanners) scanner.close()
  }

  /** False when none is within the range: then nothing else need be looked at. */
  #byTime(times: Float64Array, passed: Uint8Array): boolean {
    const { since, until } = this.#filter
    if (since === null && until === null) return true
    const [low, high] = [since ?? Number.NEGATIVE_INFINITY, until ?? Number.POSITIVE_INFINITY]
    let some = false
    for (let line = 0; line < times.length; line++) {
      const time = times[line] as number
      if (time >= low && time < high) some = true
      else passed[line] = 0
    }
    return some
  }
}

const wantedOf = ({ levels }: LogFilter): Uint8Array => Uint8Array.from(LOG_LEVELS, (level) => (levels.includes(level) ? 1 : 0))

function keep(passed: Uint8Array, matching: readonly number[], wanted: boolean): void {
  if (!wanted) {
    for (const line of matching) passed[line] = 0
    return
  }
  const had = passed.slice()
  passed.fill(0)
  for (const line of matching) passed[line] = had[line] as number
}
