/** Finds the lines of a chunk that match: the part of a search that touches bytes. No threads, no waiting. */
import { NaruError } from '../contract/errors.ts'
import { createFold } from './fold.ts'
import { stripAnsiBytes } from './strip-ansi.ts'

export interface SearchQuery {
  readonly query: string
  readonly regex: boolean
  readonly caseSensitive: boolean
  /** Only where no letter, digit or underscore stands beside it. */
  readonly word?: boolean | undefined
}

/** Lines of a chunk as they are searched: what a person sees, each followed by a newline. */
export interface Scannable {
  readonly text: Uint8Array
  readonly ends: Uint32Array
}

/** Index within the chunk of each matching line, ascending. */
export type Matcher = (chunk: Scannable) => number[]

const NEWLINE = 10
const ESC = 0x1b

/** The chunk without escape sequences: nobody searches for colour codes, and a colour must not split a word. */
export function readable(chunk: Scannable): Scannable {
  if (!asBuffer(chunk.text).includes(ESC)) return chunk
  const text = stripAnsiBytes(chunk.text)
  const ends = new Uint32Array(chunk.ends.length)
  for (let line = 0, from = 0; line < ends.length; line++) {
    from = text.indexOf(NEWLINE, from) + 1
    ends[line] = from
  }
  return { text, ends }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** Lines that hold the offsets `next` yields, each line once. `next(from)` gives the first offset ≥ from, or -1. */
function linesOf(ends: Uint32Array, next: (from: number) => number): number[] {
  const lines: number[] = []
  let line = 0
  for (let at = next(0); at >= 0; at = next(ends[line - 1] as number)) {
    while ((ends[line] as number) <= at) line++
    lines.push(line)
    line++
    if (line >= ends.length) break
  }
  return lines
}

/** Queries with other letters take the path that decodes. */
function isAscii(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 0x7f) return false
  return true
}

/** Byte search; without regard to case on a copy with small ASCII letters, whose offsets are those of the original. */
function textMatcher({ query, caseSensitive }: SearchQuery): Matcher {
  if (caseSensitive) {
    const needle = Buffer.from(query, 'utf8')
    return ({ text, ends }) => {
      const bytes = asBuffer(text)
      return linesOf(ends, (from) => bytes.indexOf(needle, from))
    }
  }
  const lower = query.toLowerCase()
  if (isAscii(query)) {
    const needle = Buffer.from(lower, 'latin1')
    const fold = createFold()
    return ({ text, ends }) => {
      const folded = fold(text)
      return linesOf(ends, (from) => folded.indexOf(needle, from))
    }
  }
  return (chunk) => lineMatches(chunk, (line) => line.toLowerCase().includes(lower))
}

function lineMatches({ text, ends }: Scannable, test: (line: string) => boolean): number[] {
  const lines = asBuffer(text).toString('utf8').split('\n')
  const found: number[] = []
  for (let line = 0; line < ends.length; line++) if (test(lines[line] as string)) found.push(line)
  return found
}

/** Letters, digits and underscores of any script. */
const WORD = /[\p{L}\p{N}_]/u
const BEFORE = '(?<![\\p{L}\\p{N}_])'
const BEHIND = '(?![\\p{L}\\p{N}_])'

/** True for lines that have the query as a whole word; an end of it that is no letter or digit may stand anywhere. */
function wordTest({ query, caseSensitive }: SearchQuery): (line: string) => boolean {
  const literal = query.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
  const ends = [...query]
  const pattern = `${WORD.test(ends[0] ?? '') ? BEFORE : ''}${literal}${WORD.test(ends.at(-1) ?? '') ? BEHIND : ''}`
  const compiled = new RegExp(pattern, caseSensitive ? 'u' : 'iu')
  return (line) => compiled.test(line)
}

/** Bytes are searched first, then the few lines found are looked at as text. */
function wordMatcher(query: SearchQuery): Matcher {
  const anywhere = textMatcher(query)
  const test = wordTest(query)
  return (chunk) => {
    const bytes = asBuffer(chunk.text)
    return anywhere(chunk).filter((line) => test(bytes.toString('utf8', line === 0 ? 0 : chunk.ends[line - 1], (chunk.ends[line] as number) - 1)))
  }
}

/** Compiles a query. Throws `invalid-request` with hint `pattern` and the engine's words when it is no valid regex. */
export function createMatcher(query: SearchQuery): Matcher {
  if (!query.regex) return query.word ? wordMatcher(query) : textMatcher(query)
  let pattern: RegExp
  try {
    // Compiled alone first: a lone bracket must not be closed by the one around it.
    pattern = new RegExp(query.query, query.caseSensitive ? '' : 'i')
  } catch (error) {
    throw new NaruError('invalid-request', 'not a valid regular expression', {
      hint: 'pattern',
      detail: error instanceof Error ? error.message : String(error),
    })
  }
  const whole = query.word ? new RegExp(`\\b(?:${query.query})\\b`, pattern.flags) : pattern
  return (chunk) => lineMatches(chunk, (line) => whole.test(line))
}
