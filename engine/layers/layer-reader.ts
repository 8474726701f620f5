/** Rows out of the tar of one layer: whiteouts apart, hard links tied to their files, content as a hash. */
import type { BoundMeter } from './bound.ts'
import { ContentHash } from './content-hash.ts'
import { KIND } from './entry-table.ts'
import type { EntryTable, Kind } from './entry-table.ts'
import { withRoom } from './grow.ts'
import { pathParts, shownName } from './names.ts'
import { ROOT } from './path-table.ts'
import type { PathTable } from './path-table.ts'
import type { TarSink } from './tar-scanner.ts'
import type { TarEntry, TarKind } from './tar-header.ts'

/** What one layer blob carries: rows `[from, to)` of the entry table, and the paths it hides. */
export interface LayerBlob {
  readonly from: number
  readonly to: number
  /** Paths taken away. */
  readonly whiteouts: Int32Array
  /** Directories whose content of the layers below is taken away. */
  readonly opaques: Int32Array
}

const KINDS: Readonly<Partial<Record<TarKind, Kind>>> = {
  file: KIND.file,
  directory: KIND.directory,
  symlink: KIND.symlink,
  hardlink: KIND.hardlink,
  'char-device': KIND.charDevice,
  'block-device': KIND.blockDevice,
  fifo: KIND.fifo,
}

const WHITEOUT = [...'.wh.'].map((letter) => letter.charCodeAt(0))
const OPAQUE = '.wh..wh..opq'
const DIRECTORY_MODE = 0o755

const beginsWith = (name: Uint8Array, begin: readonly number[], at = 0): boolean =>
  begin.every((byte, index) => name[at + index] === byte)

export class LayerReader implements TarSink {
  readonly #paths: PathTable
  readonly #entries: EntryTable
  readonly #meter: BoundMeter
  readonly #from: number
  /** Row of each path; of this layer when it is not smaller than `#from`. */
  #rowOf: Int32Array<ArrayBufferLike>
  readonly #whiteouts: number[] = []
  readonly #opaques: number[] = []
  readonly #hardlinks: number[] = []
  readonly #tied = new Set<number>()
  #ordinal = -1
  #row = -1
  #hash: ContentHash | null = null

  /** `scratch` is any array, used over and over. */
  constructor(paths: PathTable, entries: EntryTable, meter: BoundMeter, scratch: Int32Array) {
    this.#paths = paths
    this.#entries = entries
    this.#meter = meter
    this.#from = entries.count
    this.#rowOf = scratch
  }

  entry(entry: TarEntry): boolean {
    this.#ordinal++
    this.#meter.count(this.#paths, this.#entries)
    const kind = KINDS[entry.kind]
    if (kind === undefined) return false
    const parts = pathParts(entry.name)
    const last = parts.at(-1)
    if (last && this.#hides(parts, last)) return false
    let path = ROOT
    for (const part of parts) {
      this.#directory(path)
      path = this.#paths.add(path, part)
    }
    if (path === ROOT && kind !== KIND.directory) return false
    this.#row = this.#put(path, kind, entry)
    this.#hash = null
    if (kind === KIND.file && entry.sparse) {
      this.#hash = new ContentHash().update(Buffer.from(JSON.stringify([entry.realSize, entry.sparse])))
    }
    return kind === KIND.file
  }

  data(piece: Uint8Array): void {
    this.#hash ??= new ContentHash()
    this.#hash.update(piece)
  }

  end(): void {
    if (!this.#hash) return
    const [high, low] = this.#hash.digest()
    this.#entries.hashHigh[this.#row] = high
    this.#entries.hashLow[this.#row] = low
    this.#hash = null
  }

  /** After the last entry. Returns the blob and the scratch array for the next reader. */
  finish(): { readonly blob: LayerBlob; readonly scratch: Int32Array } {
    for (const row of this.#hardlinks) this.#tie(row)
    return {
      blob: {
        from: this.#from,
        to: this.#entries.count,
        whiteouts: Int32Array.from(this.#whiteouts),
        opaques: Int32Array.from(this.#opaques),
      },
      scratch: this.#rowOf,
    }
  }

  /** True when the entry is no file but a mark, which it notes; or one of AUFS' own files, which nobody sees. */
  #hides(parts: readonly Uint8Array[], last: Uint8Array): boolean {
    if (!parts.some((part) => beginsWith(part, WHITEOUT))) return false
    const parent = (): number => parts.slice(0, -1).reduce((path, part) => this.#paths.add(path, part), ROOT)
    if (parts.slice(0, -1).some((part) => isAufs(part))) return true
    if (!beginsWith(last, WHITEOUT)) return false
    if (shownName(last) === OPAQUE) {
      this.#opaques.push(parent())
      return true
    }
    const hidden = last.subarray(WHITEOUT.length)
    const name = shownName(hidden)
    if (isAufs(last) || name === '' || name === '.' || name === '..') return true
    this.#whiteouts.push(this.#paths.add(parent(), hidden))
    return true
  }

  /** A path that something lies in is a directory, whatever the layer says of it and in whatever order. */
  #directory(path: number): void {
    const row = this.#rowAt(path)
    if (row < 0) {
      this.#add(path, { path, kind: KIND.implicit, size: 0, mode: DIRECTORY_MODE, uid: 0, gid: 0, mtime: 0, hashHigh: 0, hashLow: 0, link: -1, ordinal: 0 })
    } else if (!this.#entries.isDirectory(row)) {
      this.#entries.kind[row] = KIND.directory
      this.#entries.size[row] = 0
    }
  }

  #rowAt(path: number): number {
    const row = this.#rowOf[path] ?? -1
    return row >= this.#from && this.#entries.path[row] === path ? row : -1
  }

  #put(path: number, kind: Kind, entry: TarEntry): number {
    const before = this.#rowAt(path)
    const stays = kind !== KIND.directory && before >= 0 && this.#entries.isDirectory(before) && this.#hasRows(path)
    const real = stays ? KIND.directory : kind
    const row = {
      path,
      kind: real,
      size: real === KIND.file ? entry.realSize : 0,
      mode: entry.mode & 0o7777,
      uid: entry.uid,
      gid: entry.gid,
      mtime: Math.round(entry.mtime * 1000),
      hashHigh: 0,
      hashLow: 0,
      link: this.#link(real, entry),
      ordinal: this.#ordinal,
    }
    const at = before >= 0 ? before : this.#add(path, row)
    if (before >= 0) this.#entries.set(at, row)
    if (real === KIND.hardlink) this.#hardlinks.push(at)
    return at
  }

  #add(path: number, row: Parameters<EntryTable['add']>[0]): number {
    this.#rowOf = withRoom(this.#rowOf, this.#paths.count)
    const at = this.#entries.add(row)
    this.#rowOf[path] = at
    return at
  }

  #hasRows(path: number): boolean {
    for (const child of this.#paths.children(path)) if (this.#rowAt(child) >= 0) return true
    return false
  }

  #link(kind: Kind, entry: TarEntry): number {
    if (kind === KIND.symlink) return this.#entries.linkText(shownName(entry.linkName))
    if (kind === KIND.hardlink) return pathParts(entry.linkName).reduce((path, part) => this.#paths.add(path, part), ROOT)
    return kind === KIND.charDevice || kind === KIND.blockDevice ? ((entry.major & 0xfff) << 20) | (entry.minor & 0xfffff) : -1
  }

  /** Gives a hard link the row of its file, over other links; -2 - path when the layer does not carry that. */
  #tie(row: number): void {
    const { kind, link, hashHigh, hashLow } = this.#entries
    if (kind[row] !== KIND.hardlink || this.#tied.has(row)) return
    const named = link[row] ?? 0
    let file = this.#rowAt(named)
    for (let step = 0; file >= 0 && kind[file] === KIND.hardlink && step < 64; step++) {
      const next = link[file] ?? -1
      // A link tied already holds a row, which is as good.
      file = next >= 0 && this.#tied.has(file) ? next : this.#rowAt(next)
    }
    const found = file >= 0 && kind[file] === KIND.file
    link[row] = found ? file : -2 - named
    this.#tied.add(row)
    if (!found) return
    hashHigh[row] = hashHigh[file] ?? 0
    hashLow[row] = hashLow[file] ?? 0
  }
}

function isAufs(name: Uint8Array): boolean {
  return beginsWith(name, WHITEOUT) && beginsWith(name, WHITEOUT, WHITEOUT.length)
}

