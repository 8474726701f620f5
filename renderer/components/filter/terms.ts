/**
 * The grammar of the filter boxes: `is:running name:web -is:paused free text`. Pure. A minus in front excludes; what is
 * no known term is free text: a filter never fails.
 */
export interface FilterTerm<Key extends string = string> {
  readonly key: Key
  readonly value: string
  readonly negated: boolean
}

export interface Filter<Key extends string = string> {
  readonly terms: readonly FilterTerm<Key>[]
  /** Free words, lower case; each must occur somewhere. */
  readonly words: readonly string[]
}

export interface FilterGrammar<Key extends string = string> {
  /** The term a piece stands for, or null when it is free text. */
  parseTerm(piece: string): FilterTerm<Key> | null
  parse(text: string): Filter<Key>
}

const unquote = (text: string): string => text.replaceAll('"', '')

/** Splits at blanks outside double quotes; a quote that is not closed reaches to the end. */
const pieces = (text: string): string[] => text.match(/(?:[^\s"]|"[^"]*"?)+/g) ?? []

export function sameTerm(a: FilterTerm, b: FilterTerm): boolean {
  return a.key === b.key && a.value === b.value && a.negated === b.negated
}

/** A term as it is typed; `parseTerm` reads it back. */
export function formatTerm({ key, value, negated }: FilterTerm): string {
  return `${negated ? '-' : ''}${key}:${/\s/.test(value) ? `"${value}"` : value}`
}

export const isEmptyFilter = ({ terms, words }: Filter): boolean => terms.length === 0 && words.length === 0

/** A grammar of these keys; `is:` takes only `states`, the others anything. */
export function createGrammar<Key extends string>(keys: readonly Key[], states: readonly string[]): FilterGrammar<Key> {
  function parseTerm(piece: string): FilterTerm<Key> | null {
    const negated = piece.startsWith('-')
    const body = negated ? piece.slice(1) : piece
    const colon = body.indexOf(':')
    const name = body.slice(0, Math.max(0, colon)).toLowerCase()
    const key = keys.find((known) => known === name)
    const value = unquote(body.slice(colon + 1))
    if (key === undefined || value === '') return null
    if (key !== 'is') return { key, value, negated }
    const state = value.toLowerCase()
    return states.includes(state) ? { key, value: state, negated } : null
  }
  function parse(text: string): Filter<Key> {
    const terms: FilterTerm<Key>[] = []
    const words: string[] = []
    for (const piece of pieces(text)) {
      const term = parseTerm(piece)
      if (!term) words.push(unquote(piece).toLowerCase())
      else if (!terms.some((known) => sameTerm(known, term))) terms.push(term)
    }
    return { terms, words: words.filter(Boolean) }
  }
  return { parseTerm, parse }
}

/** `name` is there, or `name=value` is exactly so. */
export function matchesLabel(labels: Readonly<Record<string, string>>, wanted: string): boolean {
  const equals = wanted.indexOf('=')
  return equals < 0 ? wanted in labels : labels[wanted.slice(0, equals)] === wanted.slice(equals + 1)
}
