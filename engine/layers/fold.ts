/**
 * Layers laid over each other, one at a time: what each path is after a layer, and what the layer did to it. Every path
 * is touched once per layer that touches it, so a whole image takes time in proportion to its rows.
 */
import type { EntryTable } from './entry-table.ts'
import { KIND } from './entry-table.ts'
import type { LayerBlob } from './layer-reader.ts'
import type { PathTable } from './path-table.ts'
import { ROOT } from './path-table.ts'

export const MARK = { unmodified: 0, added: 1, changed: 2, removed: 3 } as const
export type Mark = (typeof MARK)[keyof typeof MARK]

/** Told about every path that a layer touches. Rows are -1 for "was not there" and "is not there". */
export type OnTouch = (path: number, mark: Mark, before: number, after: number) => void

const NONE = -1

export class Fold {
  readonly #paths: PathTable
  readonly #entries: EntryTable
  /** Row that is at each path now, or -1. */
  #now: Int32Array
  /** Row that was there before the present layer, for what it hid. */
  #was: Int32Array
  /** Layer that hid the path last, counted from 1. */
  #hiddenIn: Int32Array
  #layer = 0

  constructor(paths: PathTable, entries: EntryTable) {
    this.#paths = paths
    this.#entries = entries
    this.#now = new Int32Array(paths.count).fill(NONE)
    this.#was = new Int32Array(paths.count)
    this.#hiddenIn = new Int32Array(paths.count)
  }

  get now(): Int32Array {
    return this.#now
  }

  /** Layers laid so far. */
  get layers(): number {
    return this.#layer
  }

  get bytes(): number {
    return this.#now.length * 12
  }

  /** Lays a layer on top; null = an instruction without one. */
  lay(blob: LayerBlob | null, onTouch?: OnTouch): void {
    this.#layer++
    if (!blob) return
    const hidden = this.#hide(blob)
    const { path: pathOf } = this.#entries
    for (let row = blob.from; row < blob.to; row++) {
      const path = pathOf[row] ?? ROOT
      const before = this.#before(path)
      // A directory no header tells of is the one that was there, if that is still there.
      const stays = this.#entries.kind[row] === KIND.implicit && before !== NONE && before === this.#now[path] && this.#entries.isDirectory(before)
      const after = stays ? before : row
      this.#now[path] = after
      if (!onTouch) continue
      onTouch(path, before === NONE ? MARK.added : sameEntry(this.#entries, before, this.#entries, after) ? MARK.unmodified : MARK.changed, before, after)
    }
    if (onTouch) for (const path of hidden) if (this.#now[path] === NONE) onTouch(path, MARK.removed, this.#was[path] ?? NONE, NONE)
  }

  #before(path: number): number {
    return (this.#hiddenIn[path] === this.#layer ? this.#was[path] : this.#now[path]) ?? NONE
  }

  /** Takes away what the layer hides, before what it carries is laid: a layer hides nothing of its own. */
  #hide({ from, to, whiteouts, opaques }: LayerBlob): number[] {
    const hidden: number[] = []
    for (const path of whiteouts) this.#hideTree(path, true, hidden)
    for (const path of opaques) this.#hideTree(path, false, hidden)
    for (let row = from; row < to; row++) {
      if (this.#entries.isDirectory(row)) continue
      const path = this.#entries.path[row] ?? ROOT
      const before = this.#before(path)
      if (before !== NONE && this.#entries.isDirectory(before)) this.#hideTree(path, false, hidden)
    }
    return hidden
  }

  #hideTree(top: number, withTop: boolean, hidden: number[]): void {
    const stack: number[] = []
    if (withTop) stack.push(top)
    else for (const child of this.#paths.children(top)) stack.push(child)
    for (let path = stack.pop(); path !== undefined; path = stack.pop()) {
      const row = this.#now[path] ?? NONE
      // What is not there has nothing below it that is.
      if (row === NONE) continue
      this.#was[path] = row
      this.#now[path] = NONE
      this.#hiddenIn[path] = this.#layer
      hidden.push(path)
      for (let child = this.#paths.firstChild(path); child !== NONE; child = this.#paths.nextSibling(child)) stack.push(child)
    }
  }
}

/** True when nothing differs that a person would care for: times and extended attributes are left out. */
export function sameEntry(a: EntryTable, left: number, b: EntryTable, right: number): boolean {
  if (a === b && left === right) return true
  const kind = plainKind(a.kind[left])
  if (kind !== plainKind(b.kind[right])) return false
  if (a.kind[left] === KIND.implicit || b.kind[right] === KIND.implicit) return true
  if (a.uid[left] !== b.uid[right] || a.gid[left] !== b.gid[right]) return false
  if (kind === KIND.symlink) return a.links[a.link[left] ?? NONE] === b.links[b.link[right] ?? NONE]
  if (a.mode[left] !== b.mode[right]) return false
  if (kind === KIND.charDevice || kind === KIND.blockDevice) return a.link[left] === b.link[right]
  if (kind !== KIND.file) return true
  return (
    contentSize(a, left) === contentSize(b, right) && a.hashHigh[left] === b.hashHigh[right] && a.hashLow[left] === b.hashLow[right]
  )
}

/** Bytes of a file by any of its names. */
export function contentSize(entries: EntryTable, row: number): number {
  const link = entries.link[row] ?? NONE
  return (entries.kind[row] === KIND.hardlink && link >= 0 ? entries.size[link] : entries.size[row]) ?? 0
}

/** A hard link is a file like its first name; a directory is one whether a header tells of it or not. */
function plainKind(kind: number | undefined): number {
  if (kind === KIND.hardlink) return KIND.file
  return kind === KIND.implicit ? KIND.directory : (kind ?? KIND.file)
}

