/**
 * The images' filter: `is:unused name:nginx id:3f2a label:team=a -is:dangling free text`. Pure. Terms of one key are
 * alternatives, different keys must all hold, free words must each hold; a minus in front excludes. What is no known
 * term is free text: a filter never fails.
 */
import type { ImageRow } from '../../../engine/contract/models.ts'

export const IS_VALUES = ['used', 'unused', 'dangling'] as const
export type IsValue = (typeof IS_VALUES)[number]
export const FILTER_KEYS = ['is', 'name', 'id', 'label'] as const
export type FilterKey = (typeof FILTER_KEYS)[number]

export interface FilterTerm {
  readonly key: FilterKey
  readonly value: string
  readonly negated: boolean
}

export interface ImageFilter {
  readonly terms: readonly FilterTerm[]
  /** Free words, lower case. */
  readonly words: readonly string[]
}

const KEYS: readonly string[] = FILTER_KEYS
const STATES: readonly string[] = IS_VALUES

const unquote = (text: string): string => text.replaceAll('"', '')
const hexOf = (id: string): string => id.replace(/^sha256:/, '')

/** The term a piece stands for, or null when it is free text. */
export function parseTerm(piece: string): FilterTerm | null {
  const negated = piece.startsWith('-')
  const body = negated ? piece.slice(1) : piece
  const colon = body.indexOf(':')
  const key = body.slice(0, Math.max(0, colon)).toLowerCase()
  const value = unquote(body.slice(colon + 1))
  if (!KEYS.includes(key) || value === '') return null
  if (key !== 'is') return { key: key as FilterKey, value, negated }
  const state = value.toLowerCase()
  return STATES.includes(state) ? { key, value: state, negated } : null
}

export function parseFilter(text: string): ImageFilter {
  const terms: FilterTerm[] = []
  const words: string[] = []
  for (const piece of text.match(/(?:[^\s"]|"[^"]*"?)+/g) ?? []) {
    const term = parseTerm(piece)
    if (!term) words.push(unquote(piece).toLowerCase())
    else if (!terms.some((known) => sameTerm(known, term))) terms.push(term)
  }
  return { terms, words: words.filter(Boolean) }
}

export function sameTerm(a: FilterTerm, b: FilterTerm): boolean {
  return a.key === b.key && a.value === b.value && a.negated === b.negated
}

/** A term as it is typed; `parseTerm` reads it back. */
export function formatTerm({ key, value, negated }: FilterTerm): string {
  return `${negated ? '-' : ''}${key}:${/\s/.test(value) ? `"${value}"` : value}`
}

export const isEmptyFilter = ({ terms, words }: ImageFilter): boolean => terms.length === 0 && words.length === 0

/** True when the row passes; `used` = a container was made from it. */
export function matchesFilter(row: ImageRow, used: boolean, filter: ImageFilter): boolean {
  if (!filter.words.every((word) => hasWord(row, word))) return false
  const fits = (term: FilterTerm): boolean => matchesTerm(row, used, term)
  if (filter.terms.some((term) => term.negated && fits(term))) return false
  const wanted = filter.terms.filter((term) => !term.negated)
  return FILTER_KEYS.every((key) => {
    const same = wanted.filter((term) => term.key === key)
    return same.length === 0 || same.some(fits)
  })
}

function matchesTerm(row: ImageRow, used: boolean, { key, value }: FilterTerm): boolean {
  const low = value.toLowerCase()
  switch (key) {
    case 'is':
      return low === 'dangling' ? row.dangling : used === (low === 'used')
    case 'name':
      return [...row.tags, ...row.digests].some((name) => name.toLowerCase().includes(low))
    case 'id':
      return hexOf(row.id).startsWith(hexOf(low))
    case 'label': {
      const equals = value.indexOf('=')
      return equals < 0 ? value in row.labels : row.labels[value.slice(0, equals)] === value.slice(equals + 1)
    }
  }
}

function hasWord(row: ImageRow, word: string): boolean {
  return (
    [...row.tags, ...row.digests].some((name) => name.toLowerCase().includes(word)) ||
    hexOf(row.id).startsWith(hexOf(word)) ||
    Object.entries(row.labels).some(([name, text]) => `${name}=${text}`.toLowerCase().includes(word))
  )
}
