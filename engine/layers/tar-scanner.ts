/**
 * A tar archive in, entries out, in one pass and any pieces. Own code because the library (tar-stream) knows no sparse
 * files and is a fifth as fast on small ones; see docs/adr. Nothing but names and PAX records is ever held.
 */
import { broken } from './broken.ts'
import { applyPax, readPax } from './pax.ts'
import type { PaxRecords } from './pax.ts'
import { isSoundMap, oldSparsePieces, parseSparseMap } from './sparse.ts'
import { BLOCK, hasData, isZeroBlock, number, readHeader } from './tar-header.ts'
import type { TarEntry, TarKind } from './tar-header.ts'

export type Wait = void | Promise<void>

/** Takes what the scanner finds. A promise holds the archive back. */
export interface TarSink {
  /** False: its data is of no interest; `data` and `end` are not called. */
  readonly entry: (entry: TarEntry, position: number) => boolean
  /** Stored bytes; only valid during the call. */
  readonly data: (piece: Uint8Array) => Wait
  readonly end: () => Wait
}

export interface ScanOptions {
  /** The archive must end with its two blocks of zeros. Layers written by some builders have none. */
  readonly strictEnd: boolean
  /** Byte of the whole archive that a byte of this one is at, for errors. */
  readonly place?: (position: number) => number
}

/** Longest name or set of PAX records, bytes. */
const MAX_META = 1024 * 1024
/** Longest path, bytes, and its most parts: no file system has longer ones, and each part takes memory. */
const MAX_PATH = 32 * 1024
const MAX_PARTS = 1_000
/** Longest sparse map, pieces. */
const MAX_PIECES = 100_000

const SLASH = 47

type State = 'header' | 'meta' | 'sparse-blocks' | 'sparse-map' | 'data' | 'padding' | 'end' | 'done'

export class TarScanner {
  readonly #sink: TarSink
  readonly #options: ScanOptions
  #state: State = 'header'
  #position = 0
  /** Bytes of the present data or padding still to come. */
  #left = 0
  #padding = 0
  #wanted = false
  readonly #block = new Uint8Array(BLOCK)
  #filled = 0
  #meta: { readonly kind: TarKind; readonly bytes: Uint8Array; at: number } | null = null
  readonly #global: PaxRecords = {}
  #hasGlobal = false
  #pax: PaxRecords | null = null
  #longName: Uint8Array | null = null
  #longLink: Uint8Array | null = null
  #entry: TarEntry | null = null
  /** Numbers of a map in the data, and the beginning of the next one. */
  #map: number[] = []
  #mapRest = ''

  constructor(sink: TarSink, options: ScanOptions) {
    this.#sink = sink
    this.#options = options
  }

  /** Bytes taken so far. */
  get position(): number {
    return this.#position
  }

  /** Takes the next piece. When it returns a promise, the next call must wait for it. */
  write(chunk: Uint8Array): Wait {
    let at = 0
    while (at < chunk.length) {
      if (this.#state === 'data' || this.#state === 'padding') {
        const taken = Math.min(this.#left, chunk.length - at)
        const from = at
        at += taken
        this.#left -= taken
        this.#position += taken
        const wait = this.#flow(chunk, from, at)
        if (wait) return wait.then(() => this.write(chunk.subarray(at)))
      } else if (this.#state === 'meta') {
        at += this.#takeMeta(chunk, at)
      } else if (this.#state === 'done') {
        this.#position += chunk.length - at
        return
      } else {
        const taken = Math.min(BLOCK - this.#filled, chunk.length - at)
        this.#block.set(chunk.subarray(at, at + taken), this.#filled)
        at += taken
        this.#filled += taken
        this.#position += taken
        if (this.#filled < BLOCK) return
        this.#filled = 0
        const wait = this.#takeBlock()
        if (wait) return wait.then(() => this.write(chunk.subarray(at)))
      }
    }
  }

  /** The archive is over. Throws when it is over too early. */
  close(): void {
    const whole = this.#state === 'done' || (!this.#options.strictEnd && this.#filled === 0 && (this.#state === 'header' || this.#state === 'end'))
    if (!whole || (this.#state === 'header' && (this.#pax ?? this.#longName ?? this.#longLink))) throw this.#broken('it ends in the middle', this.#position)
  }

  #broken(problem: string, position = this.#position - BLOCK): Error {
    return broken(this.#options.place?.(position) ?? position, problem)
  }

  /** Bytes of data or padding. */
  #flow(chunk: Uint8Array, from: number, to: number): Wait {
    if (this.#state === 'padding') {
      if (this.#left === 0) this.#state = 'header'
      return
    }
    const wait = this.#wanted ? this.#sink.data(chunk.subarray(from, to)) : undefined
    if (this.#left > 0) return wait
    return wait ? wait.then(() => this.#endData()) : this.#endData()
  }

  #endData(): Wait {
    this.#left = this.#padding
    this.#state = this.#left > 0 ? 'padding' : 'header'
    return this.#wanted ? this.#sink.end() : undefined
  }

  #takeBlock(): Wait {
    switch (this.#state) {
      case 'sparse-blocks':
        return this.#takeSparseBlock()
      case 'sparse-map':
        return this.#takeSparseMap()
      case 'end':
        if (!isZeroBlock(this.#block)) throw this.#broken('something behind the first of the two blocks of zeros')
        this.#state = 'done'
        return
      default:
        return this.#takeHeader()
    }
  }

  #takeHeader(): Wait {
    if (isZeroBlock(this.#block)) {
      if (this.#pax ?? this.#longName ?? this.#longLink) throw this.#broken('a name without its entry')
      this.#state = 'end'
      return
    }
    const header = readHeader(this.#block)
    if ('problem' in header) throw this.#broken(header.problem)
    const { kind } = header
    if (kind === 'pax' || kind === 'pax-global' || kind === 'long-name' || kind === 'long-link') {
      if (header.size > MAX_META) throw this.#broken('a name or PAX record of more than 1 MiB')
      this.#meta = { kind, bytes: new Uint8Array(header.size), at: 0 }
      this.#padding = padding(header.size)
      this.#state = 'meta'
      if (header.size === 0) this.#endMeta()
      return
    }
    return this.#begin(header)
  }

  #takeMeta(chunk: Uint8Array, at: number): number {
    const meta = this.#meta
    if (!meta) return 0
    const taken = Math.min(meta.bytes.length - meta.at, chunk.length - at)
    meta.bytes.set(chunk.subarray(at, at + taken), meta.at)
    meta.at += taken
    this.#position += taken
    if (meta.at === meta.bytes.length) this.#endMeta()
    return taken
  }

  #endMeta(): void {
    const meta = this.#meta
    this.#meta = null
    this.#left = this.#padding
    this.#state = this.#left > 0 ? 'padding' : 'header'
    if (!meta) return
    if (meta.kind === 'long-name') this.#longName = untilZero(meta.bytes)
    else if (meta.kind === 'long-link') this.#longLink = untilZero(meta.bytes)
    else {
      this.#hasGlobal ||= meta.kind === 'pax-global'
      const problem = readPax(meta.bytes, meta.kind === 'pax' ? (this.#pax ??= {}) : this.#global)
      if (problem) throw this.#broken(problem, this.#position - meta.bytes.length)
    }
  }

  #begin(entry: TarEntry): Wait {
    if (this.#longName) entry.name = this.#longName
    if (this.#longLink) entry.linkName = this.#longLink
    const pax = this.#pax || this.#hasGlobal ? { ...this.#global, ...this.#pax } : null
    if (pax) this.#apply(entry, pax)
    this.#pax = this.#longName = this.#longLink = null
    // Only now: what a header cuts of a name that is told in full before it may end with a slash.
    if (entry.kind === 'file' && entry.name.at(-1) === SLASH) {
      entry.kind = 'directory'
      entry.size = entry.realSize = 0
    }
    if (isTooLong(entry.name) || isTooLong(entry.linkName)) throw this.#broken('a path that is too long')
    this.#entry = entry
    this.#left = entry.size
    this.#padding = padding(entry.size)
    if (entry.kind === 'sparse') return this.#beginOldSparse(entry)
    if (pax?.sparse && entry.kind === 'file') {
      entry.realSize = pax.sparse.realSize ?? entry.size
      entry.sparse = pax.sparse.map
      if (pax.sparse.mapInData) {
        this.#map = []
        this.#mapRest = ''
        this.#state = 'sparse-map'
        return
      }
    }
    return this.#open(entry)
  }

  #apply(entry: TarEntry, pax: PaxRecords): void {
    applyPax(entry, pax)
    if (pax.size === undefined || !hasData(entry.kind)) return
    if (!Number.isSafeInteger(pax.size) || pax.size < 0) throw this.#broken('a size that cannot be')
    entry.size = entry.realSize = pax.size
  }

  #open(entry: TarEntry): Wait {
    if (entry.sparse && !isSoundMap(entry.sparse, this.#left, entry.realSize)) throw this.#broken('a sparse file whose map does not fit its data')
    this.#entry = null
    this.#wanted = this.#sink.entry(entry, this.#position)
    this.#state = 'data'
    if (this.#left === 0) return this.#endData()
  }

  #beginOldSparse(entry: TarEntry): Wait {
    entry.kind = 'file'
    entry.sparse = oldSparsePieces(this.#block, 386, 4)
    entry.realSize = number(this.#block, 483, 12)
    if (this.#block[482] === 0) return this.#open(entry)
    this.#state = 'sparse-blocks'
  }

  #takeSparseBlock(): Wait {
    const entry = this.#entry
    if (!entry) return
    entry.sparse = [...(entry.sparse ?? []), ...oldSparsePieces(this.#block, 0, 21)]
    if (entry.sparse.length > MAX_PIECES) throw this.#broken('a sparse file of too many pieces')
    if (this.#block[504] === 0) return this.#open(entry)
  }

  /** Format 1.0: a count and pairs of numbers, each on a line, filled up to a block. */
  #takeSparseMap(): Wait {
    const entry = this.#entry
    if (!entry) return
    this.#left -= BLOCK
    if (this.#left < 0) throw this.#broken('a sparse file without its map')
    const lines = (this.#mapRest + String.fromCharCode(...this.#block)).split('\n')
    this.#mapRest = lines.pop() ?? ''
    for (const line of lines) this.#map.push(Number(line))
    const count = this.#map[0]
    if (count === undefined) return
    if (!(count >= 0 && count <= MAX_PIECES)) throw this.#broken('a sparse file of too many pieces')
    if (this.#map.length < 1 + count * 2) return
    entry.sparse = parseSparseMap(this.#map.slice(1, 1 + count * 2))
    return this.#open(entry)
  }
}

function isTooLong(path: Uint8Array): boolean {
  if (path.length <= MAX_PARTS) return false
  return path.length > MAX_PATH || path.reduce((parts, byte) => (byte === SLASH ? parts + 1 : parts), 1) > MAX_PARTS
}

const padding = (size: number): number => (BLOCK - (size % BLOCK)) % BLOCK

function untilZero(bytes: Uint8Array): Uint8Array {
  const end = bytes.indexOf(0)
  return end < 0 ? bytes : bytes.subarray(0, end)
}
