/**
 * A tree as it is shown: rows with marks, sizes and counts summed up to each directory. A view of layers and a comparison
 * of two images are both one; listing (list.ts) knows only this. About 40 bytes a path.
 */
import type { EntryTable } from './entry-table.ts'
import { MARK } from './fold.ts'
import type { Mark } from './fold.ts'

/** Where a row's attributes are read. */
export interface RowPlace {
  readonly entries: EntryTable
  readonly row: number
}

export interface Naming {
  /** Number of a path, or -1. */
  readonly lookUp: (path: string) => number
  readonly textOf: (id: number) => string
  readonly nameOf: (id: number) => Uint8Array
  readonly parent: (id: number) => number
  readonly children: (id: number) => Iterable<number>
  readonly entryOf: (id: number) => RowPlace
  /** Path of the file that a hard link's row names. */
  readonly pathOfRow: (place: RowPlace) => string
  /** Index of the layer a row came from. */
  readonly layerOf: (place: RowPlace) => number
}

const SHOWN = 4
/** `changed` only because of what is below. */
const DERIVED = 8

export class ShownTree {
  readonly names: Naming
  /** Bits 0–1 the mark, bit 2 shown at all, bit 3 a mark that comes from below. */
  readonly #flags: Uint8Array
  /** Bytes now (0 for what is removed) and, for what is removed or compared, before. */
  readonly #after: Float64Array
  readonly #before: Float64Array
  /** Four columns a path: paths below (and itself) that are no directory, by mark. */
  readonly #counts: Uint32Array
  readonly #count: number

  constructor(count: number, names: Naming) {
    this.names = names
    this.#count = count
    this.#flags = new Uint8Array(count)
    this.#after = new Float64Array(count)
    this.#before = new Float64Array(count)
    this.#counts = new Uint32Array(count * 4)
  }

  get bytes(): number {
    return this.#count * 40
  }

  get count(): number {
    return this.#count
  }

  /** Puts a path into the tree; sizes are the file's own. */
  show(id: number, mark: Mark, beforeBytes: number, afterBytes: number, isDirectory: boolean): void {
    this.#flags[id] = SHOWN | mark
    this.#before[id] = beforeBytes
    this.#after[id] = afterBytes
    if (!isDirectory) this.#counts[id * 4 + mark] = 1
  }

  /** Sums up to the directories; call once, when all is shown. Directories with changes inside become `changed`. */
  sum(): void {
    for (let id = this.#count - 1; id > 0; id--) {
      if (!this.isShown(id)) continue
      const up = this.names.parent(id)
      // What a view leaves out stays on the way to what it shows.
      if (!this.isShown(up)) this.#flags[up] = SHOWN | MARK.unmodified
      this.#before[up] = (this.#before[up] ?? 0) + (this.#before[id] ?? 0)
      this.#after[up] = (this.#after[up] ?? 0) + (this.#after[id] ?? 0)
      for (let mark = 0; mark < 4; mark++) this.#counts[up * 4 + mark] = (this.#counts[up * 4 + mark] ?? 0) + (this.#counts[id * 4 + mark] ?? 0)
      if (this.markOf(id) !== MARK.unmodified && this.markOf(up) === MARK.unmodified) this.#flags[up] = SHOWN | DERIVED | MARK.changed
    }
  }

  isShown(id: number): boolean {
    return ((this.#flags[id] ?? 0) & SHOWN) !== 0
  }

  markOf(id: number): Mark {
    return ((this.#flags[id] ?? 0) & 3) as Mark
  }

  /** False for a directory that is `changed` only because of what is below it. */
  isOwnMark(id: number): boolean {
    return ((this.#flags[id] ?? 0) & DERIVED) === 0
  }

  beforeBytes(id: number): number {
    return this.#before[id] ?? 0
  }

  afterBytes(id: number): number {
    return this.#after[id] ?? 0
  }

  /** Paths at or below that are no directory, with that mark. */
  countOf(id: number, mark: Mark): number {
    return this.#counts[id * 4 + mark] ?? 0
  }

  *children(id: number): Generator<number, void, undefined> {
    for (const child of this.names.children(id)) if (this.isShown(child)) yield child
  }

  hasChildren(id: number): boolean {
    return !this.children(id).next().done
  }
}
