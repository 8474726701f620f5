/** Filters and searches kept under a name. Pure. */
import type { SavedLogSearch } from '../../../engine/contract/models.ts'
import type { LogQuery } from '../../stores/logs.ts'
import { EMPTY_FORM } from './filter-form.ts'
import type { FilterForm } from './filter-form.ts'

/** What the engine room keeps. */
const MOST = 100
const LONGEST_NAME = 100

export function savedOf(name: string, form: FilterForm, search: LogQuery): SavedLogSearch {
  const { include, exclude, levels, stream, context, word, columns } = form
  return { name: name.trim().slice(0, LONGEST_NAME), include, exclude, levels, stream, context, word, ...(columns.length > 0 && { columns }), search: { ...search } }
}

/** The form of a saved one; the range of time and the containers stay what they are: they are of this log. */
export function formOfSaved(saved: SavedLogSearch, now: FilterForm): FilterForm {
  const { include, exclude, levels, stream, context, word, columns = [] } = saved
  return { ...EMPTY_FORM, include, exclude, levels, stream, context, word, columns, only: now.only, since: now.since, until: now.until }
}

/** True when both ask for the same, whatever they are called. */
export function isSame(a: SavedLogSearch, b: SavedLogSearch): boolean {
  const key = ({ include, exclude, levels, stream, context, word, columns = [], search }: SavedLogSearch): string =>
    JSON.stringify([include, exclude, levels, stream, context, word, columns, search.query, search.query !== '' && [search.regex, search.caseSensitive, search.word ?? false]])
  return key(a) === key(b)
}

/** The list with one more; one of the same name is replaced. */
export function withSaved(list: readonly SavedLogSearch[], added: SavedLogSearch): SavedLogSearch[] {
  return [...list.filter(({ name }) => name !== added.name), added].sort((a, b) => a.name.localeCompare(b.name)).slice(0, MOST)
}

/** The list with one renamed; null when the name is empty or another has it. */
export function renamed(list: readonly SavedLogSearch[], from: string, to: string): SavedLogSearch[] | null {
  const name = to.trim().slice(0, LONGEST_NAME)
  if (name === '' || list.some((saved) => saved.name === name && name !== from)) return null
  return list.map((saved) => (saved.name === from ? { ...saved, name } : saved))
}
