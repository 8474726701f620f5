/** JSON as coloured lines with search hits. Pure. */

export type TokenKind = 'key' | 'string' | 'number' | 'word' | 'plain'
export interface Segment {
  readonly text: string
  readonly kind: TokenKind
  /** Number of the hit this belongs to, counted over the whole text; -1 for none. */
  readonly hit: number
}

/** Lines of the value, indented by two; what JSON cannot say is left out as JSON does. */
export function jsonLines(value: unknown): string[] {
  return (JSON.stringify(value, null, 2) ?? 'null').split('\n')
}

const TOKEN = /("(?:[^"\\]|\\.)*")(\s*:)?|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(true|false|null)/g

interface Token {
  readonly text: string
  readonly kind: TokenKind
}

/** One line as tokens; their texts joined are the line. */
export function tokens(line: string): Token[] {
  const found: Token[] = []
  let at = 0
  const plain = (to: number): void => {
    if (to > at) found.push({ text: line.slice(at, to), kind: 'plain' })
  }
  for (const match of line.matchAll(TOKEN)) {
    plain(match.index)
    const [all, quoted, colon, number] = match
    if (quoted !== undefined) {
      found.push({ text: quoted, kind: colon === undefined ? 'string' : 'key' })
      if (colon !== undefined) found.push({ text: colon, kind: 'plain' })
    } else found.push({ text: all, kind: number === undefined ? 'word' : 'number' })
    at = match.index + all.length
  }
  plain(line.length)
  return found
}

/** Where `query` occurs in a line, without regard to case; occurrences do not overlap. */
export function findIn(line: string, query: string): number[] {
  if (query === '') return []
  const low = line.toLowerCase()
  const wanted = query.toLowerCase()
  const places: number[] = []
  for (let at = low.indexOf(wanted); at >= 0; at = low.indexOf(wanted, at + wanted.length)) places.push(at)
  return places
}

/** Tokens of a line cut where hits begin and end. `firstHit` numbers the first of `places`. */
export function segments(line: string, places: readonly number[], length: number, firstHit: number): Segment[] {
  const out: Segment[] = []
  let at = 0
  for (const { text, kind } of tokens(line)) {
    const end = at + text.length
    let from = at
    places.forEach((place, index) => {
      const start = Math.max(place, at)
      const stop = Math.min(place + length, end)
      if (start >= stop) return
      if (start > from) out.push({ text: line.slice(from, start), kind, hit: -1 })
      out.push({ text: line.slice(start, stop), kind, hit: firstHit + index })
      from = stop
    })
    if (from < end) out.push({ text: line.slice(from, end), kind, hit: -1 })
    at = end
  }
  return out
}
