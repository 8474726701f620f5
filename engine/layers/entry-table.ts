/**
 * What layers carry, one row per path and layer, in columns: about 55 bytes a row. Rows of one layer blob lie together.
 */
import { withRoom } from './grow.ts'

/** Column `kind`. A whiteout hides what is below it, an opaque mark what is in the directory. */
export const KIND = {
  file: 0,
  directory: 1,
  symlink: 2,
  hardlink: 3,
  charDevice: 4,
  blockDevice: 5,
  fifo: 6,
  /** A directory that no header tells of: something lies in it. */
  implicit: 7,
} as const
export type Kind = (typeof KIND)[keyof typeof KIND]

export interface Row {
  path: number
  kind: Kind
  size: number
  mode: number
  uid: number
  gid: number
  /** Milliseconds since 1970. */
  mtime: number
  /** 64 bits of a hash of the content; 0 for all but files. */
  hashHigh: number
  hashLow: number
  /** Symbolic links: index of the target in `links`. Hard links: path number of the file. Devices: major << 20 | minor. */
  link: number
  /** How many headers of the blob came before this one: finds the bytes again. */
  ordinal: number
}

export class EntryTable {
  #count = 0
  path = new Int32Array(1024)
  kind = new Uint8Array(1024)
  size = new Float64Array(1024)
  mode = new Uint16Array(1024)
  uid = new Uint32Array(1024)
  gid = new Uint32Array(1024)
  mtime = new Float64Array(1024)
  hashHigh = new Int32Array(1024)
  hashLow = new Int32Array(1024)
  link = new Int32Array(1024)
  ordinal = new Uint32Array(1024)
  /** Targets of symbolic links, each text once. */
  readonly links: string[] = []
  readonly #linkIndex = new Map<string, number>()
  #linkBytes = 0

  get count(): number {
    return this.#count
  }

  get bytes(): number {
    return this.path.length * 55 + this.#linkBytes
  }

  /** Bytes of all targets of symbolic links. */
  get linkBytes(): number {
    return this.#linkBytes
  }

  add(row: Row): number {
    const at = this.#count++
    if (at >= this.path.length) this.#grow(at + 1)
    this.set(at, row)
    return at
  }

  set(at: number, row: Row): void {
    this.path[at] = row.path
    this.kind[at] = row.kind
    this.size[at] = row.size
    this.mode[at] = row.mode
    this.uid[at] = row.uid
    this.gid[at] = row.gid
    this.mtime[at] = row.mtime
    this.hashHigh[at] = row.hashHigh
    this.hashLow[at] = row.hashLow
    this.link[at] = row.link
    this.ordinal[at] = row.ordinal
  }

  linkText(text: string): number {
    const known = this.#linkIndex.get(text)
    if (known !== undefined) return known
    this.#linkIndex.set(text, this.links.length)
    this.#linkBytes += text.length * 2 + 60
    return this.links.push(text) - 1
  }

  isDirectory(at: number): boolean {
    const kind = this.kind[at]
    return kind === KIND.directory || kind === KIND.implicit
  }

  #grow(length: number): void {
    this.path = withRoom(this.path, length)
    this.kind = withRoom(this.kind, length)
    this.size = withRoom(this.size, length)
    this.mode = withRoom(this.mode, length)
    this.uid = withRoom(this.uid, length)
    this.gid = withRoom(this.gid, length)
    this.mtime = withRoom(this.mtime, length)
    this.hashHigh = withRoom(this.hashHigh, length)
    this.hashLow = withRoom(this.hashLow, length)
    this.link = withRoom(this.link, length)
    this.ordinal = withRoom(this.ordinal, length)
  }
}
