/** How a tree of files is looked at. */
import type { FileMark } from '../../../../engine/contract/models.ts'
import { PAGE_ENTRIES } from './use-file-tree.ts'

export const MARKS: readonly FileMark[] = ['added', 'changed', 'removed', 'unmodified']
export const SORTS = ['size', 'name'] as const

export interface TreeQuery {
  readonly marks: readonly FileMark[]
  readonly text: string
  readonly sort: (typeof SORTS)[number]
}

export const WHOLE: TreeQuery = { marks: MARKS, text: '', sort: 'size' }

/** The query of one page of a directory, as the calls take it. */
export function pageQuery({ marks, text, sort }: TreeQuery, path: string, offset: number) {
  const wanted = text.trim()
  return {
    path,
    ...(marks.length < MARKS.length && { marks }),
    ...(wanted && { text: wanted }),
    sort,
    descending: sort === 'size',
    offset,
    limit: PAGE_ENTRIES,
  }
}
