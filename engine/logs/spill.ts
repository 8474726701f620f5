/**
 * Older chunks on disk, in segment files that are deleted whole, oldest first. Synchronous on purpose: it runs in the
 * log worker, where nothing but logs waits for it, and a chunk is half a megabyte to the page cache.
 */
import { closeSync, mkdirSync, openSync, readSync, rmSync, writevSync } from 'node:fs'
import { join } from 'node:path'
import { NaruError } from '../contract/errors.ts'
import { BYTES_PER_LINE } from './chunk.ts'
import type { Chunk } from './chunk.ts'

const SEGMENT_MAX = 64 * 1024 * 1024
const SEGMENT_MIN = 1024 * 1024
/** A view keeps about this many segments, so that dropping one takes a small share of it. */
const SEGMENTS = 16
/** Chunks read back that stay in memory: scrolling asks for the same ones again. */
const CACHED = 6

interface Segment {
  readonly path: string
  readonly fd: number
  bytes: number
  lines: number
}

interface Entry {
  readonly first: number
  readonly count: number
  readonly segment: Segment
  readonly offset: number
  readonly textLength: number
}

const recordLength = (count: number, textLength: number) => count * BYTES_PER_LINE + textLength

export class Spill {
  readonly #folder: string
  readonly #name: string
  readonly #segmentBytes: number
  readonly #segments: Segment[] = []
  readonly #cache: Chunk[] = []
  #entries: Entry[] = []
  #made = 0
  bytes = 0

  /** Files are `<folder>/<name>-<n>.seg`; `capBytes` only sets their size. The folder is made when first needed. */
  constructor(folder: string, name: string, capBytes: number) {
    this.#folder = folder
    this.#name = name
    this.#segmentBytes = Math.min(SEGMENT_MAX, Math.max(SEGMENT_MIN, Math.floor(capBytes / SEGMENTS)))
  }

  /** Number of the oldest line on disk; undefined when there is none. */
  get first(): number | undefined {
    return this.#entries[0]?.first
  }

  /** Appends a chunk. Throws `no-space` (or `denied`) and keeps everything as it was when the disk refuses. */
  write(chunk: Chunk): void {
    const length = recordLength(chunk.count, chunk.text.length)
    try {
      const segment = this.#segmentFor(length)
      const parts = [chunk.times, chunk.ends, chunk.flags, chunk.sources, chunk.text]
      const written = writevSync(segment.fd, parts, segment.bytes)
      if (written !== length) throw Object.assign(new Error('short write'), { code: 'ENOSPC' })
      this.#entries.push({
        first: chunk.first,
        count: chunk.count,
        segment,
        offset: segment.bytes,
        textLength: chunk.text.length,
      })
      segment.bytes += length
      segment.lines += chunk.count
      this.bytes += length
    } catch (error) {
      const denied = error instanceof Error && 'code' in error && (error.code === 'EACCES' || error.code === 'EPERM')
      throw new NaruError(denied ? 'denied' : 'no-space', 'older log lines could not be moved to disk', {
        params: { path: this.#folder },
        detail: String(error),
        cause: error,
      })
    }
  }

  /** The chunk that holds a line; null when it is not on disk. */
  read(line: number): Chunk | null {
    const cached = this.#cache.findIndex((chunk) => line >= chunk.first && line < chunk.first + chunk.count)
    if (cached >= 0) {
      const [chunk] = this.#cache.splice(cached, 1) as [Chunk]
      this.#cache.push(chunk)
      return chunk
    }
    const entry = this.#find(line)
    if (!entry) return null
    const chunk = this.#load(entry)
    this.#cache.push(chunk)
    if (this.#cache.length > CACHED) this.#cache.shift()
    return chunk
  }

  /** Deletes the oldest file; returns how many lines went with it. */
  dropOldest(): number {
    const segment = this.#segments.shift()
    if (!segment) return 0
    this.#entries = this.#entries.filter((entry) => entry.segment !== segment)
    const first = this.first ?? Number.POSITIVE_INFINITY
    for (let at = this.#cache.length - 1; at >= 0; at--) {
      if ((this.#cache[at] as Chunk).first < first) this.#cache.splice(at, 1)
    }
    this.bytes -= segment.bytes
    this.#remove(segment)
    return segment.lines
  }

  /** Deletes everything. */
  close(): void {
    for (const segment of this.#segments) this.#remove(segment)
    this.#segments.length = 0
    this.#entries = []
    this.#cache.length = 0
    this.bytes = 0
  }

  #segmentFor(length: number): Segment {
    const newest = this.#segments.at(-1)
    if (newest && newest.bytes + length <= this.#segmentBytes) return newest
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 })
    const path = join(this.#folder, `${this.#name}-${this.#made++}.seg`)
    const segment = { path, fd: openSync(path, 'wx+', 0o600), bytes: 0, lines: 0 }
    this.#segments.push(segment)
    return segment
  }

  #find(line: number): Entry | undefined {
    let low = 0
    let high = this.#entries.length - 1
    while (low <= high) {
      const middle = (low + high) >> 1
      const entry = this.#entries[middle] as Entry
      if (line < entry.first) high = middle - 1
      else if (line >= entry.first + entry.count) low = middle + 1
      else return entry
    }
    return undefined
  }

  #load(entry: Entry): Chunk {
    const { count, textLength } = entry
    const record = new ArrayBuffer(recordLength(count, textLength))
    const bytes = new Uint8Array(record)
    let done = 0
    while (done < bytes.length) {
      const read = readSync(entry.segment.fd, bytes, done, bytes.length - done, entry.offset + done)
      if (read === 0) throw new NaruError('internal', 'a spilled log chunk is shorter than it was written')
      done += read
    }
    let at = count * 12
    return {
      first: entry.first,
      count,
      times: new Float64Array(record, 0, count),
      ends: new Uint32Array(record, count * 8, count),
      flags: new Uint8Array(record, at, count),
      sources: new Uint8Array(record, (at += count), count),
      text: new Uint8Array(record, at + count, textLength),
    }
  }

  #remove(segment: Segment): void {
    try {
      closeSync(segment.fd)
    } finally {
      rmSync(segment.path, { force: true })
    }
  }
}
