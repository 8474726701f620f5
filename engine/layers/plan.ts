/** What must be read from the archive to show or to extract a path of a view. */
import { NaruError } from '../contract/errors.ts'
import type { AnalysedTree } from './analyse.ts'
import type { ContentPlace } from './content.ts'
import { notAFile } from './content.ts'
import { KIND } from './entry-table.ts'
import { MARK } from './fold.ts'
import { shownPath } from './list.ts'
import { linkedPath } from './view.ts'
import type { ShownTree } from './shown.ts'

/** A file to read. */
export interface FilePlan {
  readonly place: ContentPlace
  readonly size: number
}

/** One member of the tar that a directory is extracted as. */
export interface TarMember {
  /** Begins with the directory's own name; never absolute, never with `..`. */
  readonly name: string
  readonly type: 'file' | 'directory' | 'symlink' | 'link' | 'character-device' | 'block-device' | 'fifo'
  readonly mode: number
  readonly uid: number
  readonly gid: number
  /** Milliseconds since 1970. */
  readonly mtime: number
  readonly linkname?: string
  readonly devmajor?: number
  readonly devminor?: number
  readonly size: number
  /** Files: where the bytes are. */
  readonly place?: ContentPlace
}

export type ExtractPlan = { readonly kind: 'file'; readonly file: FilePlan } | { readonly kind: 'directory'; readonly members: readonly TarMember[] }

const TYPES: Readonly<Record<number, TarMember['type']>> = {
  [KIND.file]: 'file',
  [KIND.directory]: 'directory',
  [KIND.implicit]: 'directory',
  [KIND.symlink]: 'symlink',
  [KIND.hardlink]: 'file',
  [KIND.charDevice]: 'character-device',
  [KIND.blockDevice]: 'block-device',
  [KIND.fifo]: 'fifo',
}
/** Most members of one extraction. */
const MOST_MEMBERS = 2_000_000

/** The row that has the bytes of a file: its own, or that of the first name of a hard link. */
function dataRow(tree: AnalysedTree, shown: ShownTree, id: number): number {
  const { entries, paths } = tree
  const { row } = shown.names.entryOf(id)
  if (entries.kind[row] !== KIND.hardlink) return row
  const link = entries.link[row] ?? -1
  if (link >= 0) return link
  // The file is in another layer: what the view has at that path.
  const other = paths.lookUp(linkedPath(tree, row))
  const found = other >= 0 && shown.isShown(other) ? shown.names.entryOf(other).row : -1
  if (entries.kind[found] === KIND.file) return found
  throw new NaruError('not-found', 'the file that a hard link names is not in the image', { params: { name: linkedPath(tree, row) } })
}

function placeOf({ entries, layers }: AnalysedTree, row: number): ContentPlace {
  const layer = layers.find(({ blob }) => blob && row >= blob.from && row < blob.to)
  return { file: layer?.file ?? '', ordinal: entries.ordinal[row] ?? 0 }
}

/** @throws NaruError `not-found`, `invalid-request` (hint `not-a-file`) */
export function planFile(tree: AnalysedTree, shown: ShownTree, path: string): FilePlan {
  const id = shownPath(shown, path)
  const row = dataRow(tree, shown, id)
  if (tree.entries.kind[row] !== KIND.file) throw notAFile(path)
  return { place: placeOf(tree, row), size: tree.entries.size[row] ?? 0 }
}

/** A file's bytes, or a directory's members: directories and links first, files with bytes in any order, hard links last. */
export function planExtract(tree: AnalysedTree, shown: ShownTree, path: string): ExtractPlan {
  const top = shownPath(shown, path)
  if (!tree.entries.isDirectory(shown.names.entryOf(top).row)) return { kind: 'file', file: planFile(tree, shown, path) }
  const early: TarMember[] = []
  const files: TarMember[] = []
  const late: TarMember[] = []
  const firstName = new Map<number, string>()
  const removed = shown.markOf(top) === MARK.removed
  const base = path.slice(path.lastIndexOf('/') + 1)
  const walk: { id: number; name: string }[] = [{ id: top, name: base }]
  for (let next = walk.pop(); next; next = walk.pop()) {
    const { id, name } = next
    const member = memberOf(tree, shown, id, name)
    if (member.type === 'file') {
      const row = dataRow(tree, shown, id)
      const first = firstName.get(row)
      if (first !== undefined) late.push({ ...member, type: 'link', linkname: first, size: 0 })
      else {
        firstName.set(row, name)
        files.push({ ...member, size: tree.entries.size[row] ?? 0, place: placeOf(tree, row) })
      }
    } else if (name !== '') early.push(member)
    if (early.length + files.length + late.length > MOST_MEMBERS) throw new NaruError('unsupported', 'too many files to extract at once', { hint: 'too-many-files' })
    for (const child of shown.children(id)) {
      // What a layer took away is not extracted, unless all that is asked for is gone.
      if (!removed && shown.markOf(child) === MARK.removed) continue
      const part = shown.names.textOf(child)
      walk.push({ id: child, name: `${name === '' ? '' : `${name}/`}${part.slice(part.lastIndexOf('/') + 1)}` })
    }
  }
  return { kind: 'directory', members: [...early, ...files, ...late] }
}

function memberOf(tree: AnalysedTree, shown: ShownTree, id: number, name: string): TarMember {
  const { entries } = tree
  const { row } = shown.names.entryOf(id)
  const kind = entries.kind[row] ?? KIND.file
  const type = TYPES[kind] ?? 'file'
  const link = entries.link[row] ?? -1
  const isDevice = kind === KIND.charDevice || kind === KIND.blockDevice
  return {
    name: type === 'directory' ? `${name}/` : name,
    type,
    mode: entries.mode[row] ?? 0,
    uid: entries.uid[row] ?? 0,
    gid: entries.gid[row] ?? 0,
    mtime: entries.mtime[row] ?? 0,
    size: 0,
    ...(type === 'symlink' && { linkname: entries.links[link] ?? '' }),
    ...(isDevice && { devmajor: link >>> 20, devminor: link & 0xfffff }),
  }
}
