/**
 * The archive of an image in one pass: every layer is read when it comes by, whatever names it later; JSON files are
 * kept, links remembered, all else passes. Which layers make the image is decided at the end (manifest.ts).
 */
import { NaruError } from '../contract/errors.ts'
import { broken } from './broken.ts'
import { MAGIC_BYTES, createUnpacker, packingOf } from './decompress.ts'
import type { Packing, Unpacker } from './decompress.ts'
import { pathParts, safePath, shownName } from './names.ts'
import { TarScanner } from './tar-scanner.ts'
import type { TarSink, Wait } from './tar-scanner.ts'
import { BLOCK, isHeader, isZeroBlock } from './tar-header.ts'
import type { TarEntry } from './tar-header.ts'

/** What is done with the tar of a layer. */
export interface LayerVisitor {
  /** Called at the first bytes of what may be a layer; null = not of interest. */
  readonly open: (name: string) => TarSink | null
  /** Its tar is over; `storedBytes`: what the archive holds of it, packed or not. */
  readonly close: (name: string, storedBytes: number) => Wait
}

export interface ArchiveParts {
  /** JSON files of the archive by path. */
  readonly json: ReadonlyMap<string, Uint8Array>
  /** Links between files of the archive. */
  readonly links: ReadonlyMap<string, string>
}

/** Largest JSON file that is kept, and of all of them, bytes. */
const MAX_JSON = 8 * 1024 * 1024
const MAX_ALL_JSON = 64 * 1024 * 1024
/** Files and links of an archive: an image has at most 127 layers, and each three files in the oldest layout. */
const MAX_MEMBERS = 10_000

interface OpenLayer {
  readonly name: string
  readonly storedBytes: number
  readonly unpacker: Unpacker
  readonly scanner: TarScanner
}

export class ArchiveReader {
  readonly #visitor: LayerVisitor
  readonly #json = new Map<string, Uint8Array>()
  #jsonBytes = 0
  readonly #links = new Map<string, string>()
  readonly #outer: TarScanner
  /** The archive itself may be packed (`docker save | gzip`). */
  #unpacker: Unpacker | null = null
  #packed = false
  #first: Uint8Array = new Uint8Array(0)
  #taken = 0
  /** The present file of the archive: its name, size and first bytes. */
  #name = ''
  #size = 0
  #start = 0
  readonly #head = new Uint8Array(BLOCK)
  #headLength = 0
  #kept: Uint8Array | null = null
  #keptLength = 0
  #layer: OpenLayer | null = null
  #members = 0
  #passing = false

  constructor(visitor: LayerVisitor) {
    this.#visitor = visitor
    this.#outer = new TarScanner(
      { entry: (entry, position) => this.#entry(entry, position), data: (piece) => this.#data(piece), end: () => this.#end() },
      { strictEnd: true },
    )
  }

  get parts(): ArchiveParts {
    return { json: this.#json, links: this.#links }
  }

  /** Bytes of the archive taken so far. */
  get position(): number {
    return this.#taken
  }

  /** The next piece of the archive; wait for a promise before the next one. @throws NaruError `archive-broken` */
  write(chunk: Uint8Array): Wait {
    if (chunk.length === 0) return
    this.#taken += chunk.length
    if (this.#unpacker) return this.#guard(() => this.#unpacker?.write(chunk))
    // Told by its first bytes, which may come one by one.
    this.#first = this.#first.length === 0 ? chunk : Buffer.concat([this.#first, chunk])
    if (this.#first.length >= MAGIC_BYTES) return this.#begin()
  }

  #begin(): Wait {
    const packing = packingOf(this.#first)
    this.#packed = packing !== 'plain'
    return this.#guard(() => {
      this.#unpacker = createUnpacker(packing, (piece) => this.#outer.write(piece))
      return this.#unpacker.write(this.#first)
    })
  }

  /** The archive is over. @throws NaruError `archive-broken` when it is not whole */
  async end(): Promise<ArchiveParts> {
    if (!this.#unpacker) await this.#begin()
    await this.#guard(() => this.#unpacker?.end())
    this.#outer.close()
    return this.parts
  }

  destroy(): void {
    this.#layer?.unpacker.destroy()
    this.#unpacker?.destroy()
  }

  /** Errors of packings (they alone have a code of their own) say no place: they happened where the archive is now. */
  #guard(work: () => Wait): Wait {
    const named = (error: unknown): unknown => {
      const isPacking = error instanceof Error && !(error instanceof NaruError) && 'code' in error
      return isPacking ? broken(this.#taken, error.message, error) : error
    }
    try {
      return work()?.catch((error: unknown) => Promise.reject(named(error)))
    } catch (error) {
      throw named(error)
    }
  }

  #entry(entry: TarEntry, position: number): boolean {
    if (++this.#members > MAX_MEMBERS) throw broken(position, `more than ${MAX_MEMBERS} files`)
    const name = pathParts(entry.name).map(shownName).join('/')
    if (entry.kind === 'symlink' || entry.kind === 'hardlink') this.#link(name, shownName(entry.linkName), entry.kind)
    if (entry.kind !== 'file') return false
    this.#name = name
    this.#size = entry.size
    this.#start = position
    this.#headLength = 0
    this.#kept = null
    this.#layer = null
    this.#passing = false
    return entry.size > 0
  }

  #link(name: string, target: string, kind: 'symlink' | 'hardlink'): void {
    const folder = name.slice(0, name.lastIndexOf('/') + 1)
    this.#links.set(name, safePath(kind === 'symlink' && !target.startsWith('/') ? folder + target : target))
  }

  #data(piece: Uint8Array): Wait {
    if (this.#passing) return
    if (this.#layer) return this.#layer.unpacker.write(piece)
    if (this.#kept) {
      this.#kept.set(piece, this.#keptLength)
      this.#keptLength += piece.length
      return
    }
    const taken = Math.min(piece.length, Math.min(BLOCK, this.#size) - this.#headLength)
    this.#head.set(piece.subarray(0, taken), this.#headLength)
    this.#headLength += taken
    if (this.#headLength < Math.min(BLOCK, this.#size)) return
    this.#decide()
    const rest = piece.subarray(taken)
    const wait = this.#data(this.#head.slice(0, this.#headLength))
    if (wait) return wait.then(() => (rest.length > 0 ? this.#data(rest) : undefined))
    return rest.length > 0 ? this.#data(rest) : undefined
  }

  /** What the file is, by its first bytes. */
  #decide(): void {
    const head = this.#head.subarray(0, this.#headLength)
    const packing = packingOf(head)
    if (packing !== 'plain' || (head.length === BLOCK && (isHeader(head) || (isZeroBlock(head) && this.#size % BLOCK === 0)))) {
      this.#openLayer(packing)
    } else if (isJson(head) && this.#size <= MAX_JSON && this.#jsonBytes + this.#size <= MAX_ALL_JSON) {
      this.#jsonBytes += this.#size
      this.#kept = new Uint8Array(this.#size)
      this.#keptLength = 0
    }
    this.#passing = !this.#layer && !this.#kept
  }

  #openLayer(packing: Packing): void {
    const sink = this.#visitor.open(this.#name)
    if (!sink) return
    const start = this.#start
    const plain = packing === 'plain' && !this.#packed
    const scanner = new TarScanner(sink, { strictEnd: false, place: (position) => (plain ? start + position : this.#taken) })
    this.#layer = { name: this.#name, storedBytes: this.#size, scanner, unpacker: createUnpacker(packing, (piece) => scanner.write(piece)) }
  }

  #end(): Wait {
    if (this.#kept) this.#json.set(this.#name, this.#kept)
    const layer = this.#layer
    this.#layer = null
    this.#kept = null
    if (!layer) return
    const close = (): Wait => {
      layer.unpacker.destroy()
      layer.scanner.close()
      return this.#visitor.close(layer.name, layer.storedBytes)
    }
    const wait = layer.unpacker.end()
    return wait ? wait.then(close) : close()
  }
}

function isJson(head: Uint8Array): boolean {
  const first = head.find((byte) => byte !== 32 && byte !== 9 && byte !== 10 && byte !== 13)
  return first === 123 || first === 91
}
