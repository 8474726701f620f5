/**
 * The images' filter: `is:unused name:nginx id:3f2a label:team=a -is:dangling free text`. Pure. Terms of one key are
 * alternatives, different keys must all hold, free words must each hold; a minus in front excludes. What is no known
 * term is free text: a filter never fails.
 */
import type { ImageRow } from '../../../engine/contract/models.ts'
import { createGrammar, matchesLabel } from '../../components/filter/terms.ts'
import type { Filter, FilterTerm as Term } from '../../components/filter/terms.ts'

export const IS_VALUES = ['used', 'unused', 'dangling'] as const
export type IsValue = (typeof IS_VALUES)[number]
export const FILTER_KEYS = ['is', 'name', 'id', 'label'] as const
export type FilterKey = (typeof FILTER_KEYS)[number]

export type ImageFilter = Filter<FilterKey>
type FilterTerm = Term<FilterKey>

const hexOf = (id: string): string => id.replace(/^sha256:/, '')

export const imageGrammar = createGrammar(FILTER_KEYS, IS_VALUES)
export const { parse: parseFilter, parseTerm } = imageGrammar

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
    case 'label':
      return matchesLabel(row.labels, value)
  }
}

function hasWord(row: ImageRow, word: string): boolean {
  return (
    [...row.tags, ...row.digests].some((name) => name.toLowerCase().includes(word)) ||
    hexOf(row.id).startsWith(hexOf(word)) ||
    Object.entries(row.labels).some(([name, text]) => `${name}=${text}`.toLowerCase().includes(word))
  )
}
