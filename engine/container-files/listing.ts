/** One listed folder: its entries, what is known of them against the image, and pages of them in any order. Pure. */
import { shownPath } from '../contract/file-path.ts'
import type { FileEntry, FileMark, FolderPage } from '../contract/models.ts'
import type { PageQuery } from '../contract/parts/files.ts'
import type { PlainEntry } from './entries.ts'
import { lossyName } from './marks.ts'
import type { FolderMarks } from './marks.ts'

const GONE: Omit<FileEntry, 'name'> = { type: 'unknown', sizeBytes: 0, mode: 0, uid: 0, gid: 0, modifiedAt: 0, mark: 'removed' }

interface Sorted {
  readonly key: string
  readonly order: readonly FileEntry[]
}

export class Listing {
  readonly #plain: readonly PlainEntry[]
  readonly #mounts: ReadonlyMap<string, string>
  #entries: readonly FileEntry[]
  /** The order asked for last: pages of it follow. */
  #sorted: Sorted | null = null

  /** @param mounts types of mounts by their name in this folder */
  constructor(plain: readonly PlainEntry[], mounts: ReadonlyMap<string, string>) {
    this.#plain = plain
    this.#mounts = mounts
    this.#entries = this.#marked(null)
  }

  /** Names in it, removed ones not counted. */
  get total(): number {
    return this.#plain.length
  }

  mark(marks: FolderMarks): void {
    this.#entries = this.#marked(marks)
    this.#sorted = null
  }

  page(query: PageQuery): FolderPage {
    const order = this.#order(query)
    return { entries: order.slice(query.offset, query.offset + query.limit), total: order.length }
  }

  #marked(marks: FolderMarks | null): readonly FileEntry[] {
    const here = new Set<string>()
    const entries = this.#plain.map((plain): FileEntry => {
      const mount = this.#mounts.get(plain.name)
      const key = lossyName(plain.name)
      if (marks && marks.removed.size > 0) here.add(key)
      // What is mounted hides the name it is mounted at.
      const mark = mount !== undefined ? 'unmodified' : (marks?.changed.get(key) ?? 'unmodified')
      return { ...plain, mark, ...(mount !== undefined && { mount }) }
    })
    for (const name of marks?.removed ?? []) if (!here.has(lossyName(name))) entries.push({ name, ...GONE })
    return entries
  }

  #order({ sort, descending, text = '', marks }: PageQuery): readonly FileEntry[] {
    const key = JSON.stringify([sort, descending, text, marks])
    if (this.#sorted?.key === key) return this.#sorted.order
    const wanted = text.trim().toLowerCase()
    const chosen = marks ? new Set<FileMark>(marks) : null
    const kept = this.#entries.filter(
      (entry) => (!chosen || chosen.has(entry.mark)) && (wanted === '' || shownPath(entry.name).toLowerCase().includes(wanted)),
    )
    const order = sortEntries(kept, sort, descending)
    this.#sorted = { key, order }
    return order
  }
}

/** Folders first, whatever the order. */
function sortEntries(entries: readonly FileEntry[], sort: PageQuery['sort'], descending: boolean): readonly FileEntry[] {
  const turn = descending ? -1 : 1
  // Made once for each name: a comparison is made a dozen times for each.
  const keyed = entries.map((entry) => ({ entry, folder: entry.type === 'directory' ? 0 : 1, name: entry.name.toLowerCase() }))
  const byName = (a: (typeof keyed)[number], b: (typeof keyed)[number]): number =>
    a.name < b.name ? -1 : a.name > b.name ? 1 : a.entry.name < b.entry.name ? -1 : 1
  keyed.sort((a, b) => {
    if (a.folder !== b.folder) return a.folder - b.folder
    if (sort === 'name') return turn * byName(a, b)
    const difference = sort === 'size' ? a.entry.sizeBytes - b.entry.sizeBytes : a.entry.modifiedAt - b.entry.modifiedAt
    return difference === 0 ? byName(a, b) : turn * difference
  })
  return keyed.map(({ entry }) => entry)
}
