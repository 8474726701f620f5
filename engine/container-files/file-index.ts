/**
 * What an archive of a container holds, without any content: one pass over its headers, about 100 bytes a path. Folders
 * are listed from it until the container changes.
 */
import { pathText } from '../contract/file-path.ts'
import type { FileKind } from '../contract/models.ts'
import { EntryTable, KIND } from '../layers/entry-table.ts'
import type { Kind } from '../layers/entry-table.ts'
import { withRoom } from '../layers/grow.ts'
import { pathParts } from '../layers/names.ts'
import { PathTable, ROOT } from '../layers/path-table.ts'
import type { TarEntry, TarKind } from '../layers/tar-header.ts'
import { TarScanner } from '../layers/tar-scanner.ts'
import type { PlainEntry } from './entries.ts'

/** Paths of one archive; what lies beyond is not listed. */
export const MOST_PATHS = 2_000_000
/** Milliseconds between two reports. */
const TELL_MS = 100

const KINDS: Readonly<Partial<Record<TarKind, Kind>>> = {
  file: KIND.file,
  directory: KIND.directory,
  symlink: KIND.symlink,
  hardlink: KIND.hardlink,
  'char-device': KIND.charDevice,
  'block-device': KIND.blockDevice,
  fifo: KIND.fifo,
}
const SHOWN: Readonly<Record<Kind, FileKind>> = {
  [KIND.file]: 'file',
  [KIND.directory]: 'directory',
  [KIND.symlink]: 'symlink',
  [KIND.hardlink]: 'file',
  [KIND.charDevice]: 'char-device',
  [KIND.blockDevice]: 'block-device',
  [KIND.fifo]: 'fifo',
  [KIND.implicit]: 'directory',
}
const NONE = -1

export class FileIndex {
  readonly #paths = new PathTable()
  readonly #rows = new EntryTable()
  /** Row of a path; one more than it, 0 = none. */
  #rowOf: Int32Array<ArrayBufferLike> = new Int32Array(1024)
  /** Parts of each name that stand for the folder the archive is of. */
  readonly #drop: number
  cut = false

  /** @param drop 1 when names begin with the folder's own, as `docker cp` writes them; 0 for an export */
  constructor(drop: 0 | 1) {
    this.#drop = drop
  }

  get count(): number {
    return this.#rows.count
  }

  /** Bytes held. */
  get bytes(): number {
    return this.#paths.bytes + this.#rows.bytes + this.#rowOf.byteLength
  }

  /** Takes the next header. */
  add(entry: TarEntry): void {
    const kind = KINDS[entry.kind]
    if (kind === undefined) return
    if (this.#paths.count >= MOST_PATHS) {
      this.cut = true
      return
    }
    const parts = pathParts(entry.name).slice(this.#drop)
    let path = ROOT
    for (const part of parts) {
      if (this.#row(path) === NONE) this.#put(path, { kind: KIND.implicit, mode: 0o755 })
      path = this.#paths.add(path, part)
    }
    this.#put(path, {
      kind,
      size: kind === KIND.file ? entry.realSize : 0,
      mode: entry.mode & 0o7777,
      uid: entry.uid,
      gid: entry.gid,
      mtime: Math.round(entry.mtime * 1000),
      link: kind === KIND.symlink ? this.#rows.linkText(pathText(entry.linkName)) : kind === KIND.hardlink ? this.#find(pathParts(entry.linkName).slice(this.#drop)) : 0,
    })
  }

  /** Entries of a folder below the archive's own; null when there is no such folder. */
  list(parts: readonly Uint8Array[]): PlainEntry[] | null {
    const folder = this.#find(parts)
    const row = folder === NONE ? NONE : this.#row(folder)
    if (folder !== ROOT && (row === NONE || !this.#rows.isDirectory(row))) return null
    const entries: PlainEntry[] = []
    for (const path of this.#paths.children(folder)) {
      const at = this.#row(path)
      if (at !== NONE) entries.push(this.#entry(path, at))
    }
    return entries
  }

  #entry(path: number, at: number): PlainEntry {
    const rows = this.#rows
    const kind = (rows.kind[at] ?? 0) as Kind
    // A hard link has the bytes of the file it names, which may lie in another folder.
    const file = kind === KIND.hardlink && (rows.link[at] ?? NONE) >= 0 ? this.#row(rows.link[at] ?? 0) : at
    const target = kind === KIND.symlink ? rows.links[rows.link[at] ?? 0] : undefined
    return {
      name: pathText(this.#paths.nameOf(path)),
      type: SHOWN[kind],
      sizeBytes: rows.size[file] ?? 0,
      mode: rows.mode[at] ?? 0,
      uid: rows.uid[at] ?? 0,
      gid: rows.gid[at] ?? 0,
      modifiedAt: rows.mtime[at] ?? 0,
      ...(target !== undefined && { linkTarget: target }),
    }
  }

  #find(parts: readonly Uint8Array[]): number {
    let path = ROOT
    for (const part of parts) {
      path = this.#paths.find(path, part)
      if (path < 0) return NONE
    }
    return path
  }

  #row(path: number): number {
    return (this.#rowOf[path] ?? 0) - 1
  }

  #put(path: number, { kind, size = 0, mode, uid = 0, gid = 0, mtime = 0, link = 0 }: { kind: Kind; size?: number; mode: number; uid?: number; gid?: number; mtime?: number; link?: number }): void {
    const row = { path, kind, size, mode, uid, gid, mtime, link, hashHigh: 0, hashLow: 0, ordinal: 0 }
    const known = this.#row(path)
    if (known !== NONE) return this.#rows.set(known, row)
    this.#rowOf = withRoom(this.#rowOf, path + 1)
    this.#rowOf[path] = this.#rows.add(row) + 1
  }
}

export interface ReadProgress {
  readonly bytes: number
  readonly found: number
}

/**
 * Reads an archive to its end; tells how far it is now and then.
 * @throws NaruError `archive-broken`, and what the source throws
 */
export async function* readIndex(source: AsyncIterable<Uint8Array>, drop: 0 | 1, now: () => number = () => performance.now()): AsyncGenerator<ReadProgress, FileIndex, undefined> {
  const index = new FileIndex(drop)
  const scanner = new TarScanner(
    {
      entry: (entry) => {
        index.add(entry)
        return false
      },
      data: () => undefined,
      end: () => undefined,
    },
    { strictEnd: true },
  )
  let toldAt = 0
  for await (const chunk of source) {
    const wait = scanner.write(chunk)
    if (wait) await wait
    if (now() - toldAt < TELL_MS) continue
    toldAt = now()
    yield { bytes: scanner.position, found: index.count }
  }
  scanner.close()
  return index
}
