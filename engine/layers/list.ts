/** One directory of a shown tree as rows for the page: filtered, sorted, cut to a page. */
import { NaruError } from '../contract/errors.ts'
import type { CompareEntry, CompareTotals, FileMark, FileType, LayerEntry, MarkCounts } from '../contract/models.ts'
import type { ListQuery } from '../contract/parts/layers.ts'
import { KIND } from './entry-table.ts'
import { MARK } from './fold.ts'
import { shownName } from './names.ts'
import { ROOT } from './path-table.ts'
import type { ShownTree } from './shown.ts'

const MARKS: readonly FileMark[] = ['unmodified', 'added', 'changed', 'removed']
const TYPES: Readonly<Record<number, FileType>> = {
  [KIND.file]: 'file',
  [KIND.directory]: 'directory',
  [KIND.implicit]: 'directory',
  [KIND.symlink]: 'symlink',
  [KIND.hardlink]: 'hardlink',
  [KIND.charDevice]: 'char-device',
  [KIND.blockDevice]: 'block-device',
  [KIND.fifo]: 'fifo',
}

export interface Filter {
  readonly marks?: readonly FileMark[] | undefined
  readonly text?: string | undefined
}

/** The number of a path that the tree shows. @throws NaruError `not-found` */
export function shownPath(tree: ShownTree, path: string): number {
  const id = tree.names.lookUp(path)
  if (id < 0 || !tree.isShown(id)) throw new NaruError('not-found', `${path} is not there`, { params: { name: path } })
  return id
}

/** Everything about one path. */
export function describeEntry(tree: ShownTree, id: number): LayerEntry {
  const place = tree.names.entryOf(id)
  const { entries, row } = place
  const kind = entries.kind[row] ?? KIND.implicit
  const path = tree.names.textOf(id)
  const type = TYPES[kind] ?? 'file'
  const mark = MARKS[tree.markOf(id)] ?? 'unmodified'
  return {
    name: path.slice(path.lastIndexOf('/') + 1),
    path,
    type,
    mark,
    sizeBytes: mark === 'removed' ? tree.beforeBytes(id) : tree.afterBytes(id),
    mode: entries.mode[row] ?? 0,
    uid: entries.uid[row] ?? 0,
    gid: entries.gid[row] ?? 0,
    modifiedAt: entries.mtime[row] ?? 0,
    ...(type === 'symlink' && { linkTarget: entries.links[entries.link[row] ?? -1] ?? '' }),
    ...(type === 'hardlink' && { linkTarget: tree.names.pathOfRow(place) }),
    layer: tree.names.layerOf(place),
    hasChildren: tree.hasChildren(id),
    ...(type === 'directory' && { below: countsOf(tree, id) }),
  }
}

/** The same with the size before. */
export function describeCompared(tree: ShownTree, id: number): CompareEntry {
  return { ...describeEntry(tree, id), sizeBytes: tree.afterBytes(id), beforeBytes: tree.beforeBytes(id) }
}

export function countsOf(tree: ShownTree, id: number): MarkCounts {
  return {
    added: tree.countOf(id, MARK.added),
    changed: tree.countOf(id, MARK.changed),
    removed: tree.countOf(id, MARK.removed),
    unmodified: tree.countOf(id, MARK.unmodified),
  }
}

export function totalsOf(tree: ShownTree): CompareTotals {
  return { counts: countsOf(tree, ROOT), beforeBytes: tree.beforeBytes(ROOT), afterBytes: tree.afterBytes(ROOT) }
}

/** Ids of a directory's page, and how many pass the filters. `fits`: what the text filter found, from `matching`. */
export function pageOf(tree: ShownTree, query: ListQuery, fits: Uint8Array | null): { ids: number[]; total: number } {
  const top = shownPath(tree, query.path)
  const marks = marksOf(query.marks)
  const ids = [...tree.children(top)].filter((id) => (!fits || fits[id] !== 0) && (!marks || hasMark(tree, id, marks)))
  const key = (id: number): number => Math.max(tree.afterBytes(id), tree.markOf(id) === MARK.removed ? tree.beforeBytes(id) : 0)
  const name = new Map(ids.map((id) => [id, shownName(tree.names.nameOf(id))]))
  const byName = (a: number, b: number): number => ((name.get(a) ?? '') < (name.get(b) ?? '') ? -1 : 1)
  const turn = query.descending ? -1 : 1
  if (query.sort === 'name') ids.sort((a, b) => turn * byName(a, b))
  else {
    const sizes = new Map(ids.map((id) => [id, key(id)]))
    ids.sort((a, b) => turn * ((sizes.get(a) ?? 0) - (sizes.get(b) ?? 0)) || byName(a, b))
  }
  return { ids: ids.slice(query.offset, query.offset + query.limit), total: ids.length }
}

/** Which paths have the text in them (a path has that of its directories too), or have such paths below: not 0. */
export function matching(tree: ShownTree, text: string): Uint8Array {
  const wanted = text.toLowerCase()
  const fits = new Uint8Array(tree.count)
  const full = wanted.includes('/')
  const self = 1
  const leads = 2
  for (let id = tree.count - 1; id > 0; id--) {
    if (!tree.isShown(id)) continue
    if (isMatch(tree, id, wanted, full)) fits[id] = (fits[id] ?? 0) | self
    if (fits[id] !== 0) fits[tree.names.parent(id)] = (fits[tree.names.parent(id)] ?? 0) | leads
  }
  for (let id = 1; id < tree.count; id++) {
    if (((fits[tree.names.parent(id)] ?? 0) & self) !== 0) fits[id] = (fits[id] ?? 0) | self
  }
  return fits
}

/** Ids that match themselves, in path order as far as needed; and how many there are. */
export function findPaths(tree: ShownTree, text: string, filter: readonly FileMark[] | undefined, limit: number): { ids: number[]; total: number } {
  const wanted = text.toLowerCase()
  const marks = marksOf(filter)
  const full = wanted.includes('/')
  const ids: number[] = []
  for (let id = 1; id < tree.count; id++) {
    if (!tree.isShown(id) || !isMatch(tree, id, wanted, full) || (marks && !marks.has(tree.markOf(id)))) continue
    ids.push(id)
  }
  const total = ids.length
  // Sorting hundreds of thousands of paths to show a thousand would take seconds; the first found are as good then.
  const some = ids.slice(0, Math.max(limit, 20_000)).map((id) => ({ id, path: tree.names.textOf(id) }))
  some.sort((a, b) => (a.path < b.path ? -1 : 1))
  return { ids: some.slice(0, limit).map(({ id }) => id), total }
}

function isMatch(tree: ShownTree, id: number, wanted: string, full: boolean): boolean {
  const text = full ? tree.names.textOf(id) : shownName(tree.names.nameOf(id))
  return text.toLowerCase().includes(wanted)
}

function marksOf(marks: readonly FileMark[] | undefined): ReadonlySet<number> | null {
  return marks ? new Set(marks.map((mark) => MARKS.indexOf(mark))) : null
}

/** A directory has its own mark and those of all that is below. */
function hasMark(tree: ShownTree, id: number, marks: ReadonlySet<number>): boolean {
  if (marks.has(tree.markOf(id)) && tree.isOwnMark(id)) return true
  for (const mark of marks) if (tree.countOf(id, mark as 0 | 1 | 2 | 3) > 0) return true
  return false
}
