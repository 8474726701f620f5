import type { FilterTerm } from './terms.ts'

/** What the menu of a filter box offers: a term to switch on or off, or the beginning of one (`port:`) to go on typing. */
export type FilterSuggestion =
  | { readonly id: string; readonly label: string; readonly term: FilterTerm }
  | { readonly id: string; readonly label: string; readonly begin: string }

export interface FilterSection {
  readonly id: string
  readonly label: string
  readonly items: readonly FilterSuggestion[]
}
