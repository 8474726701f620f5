/**
 * All lines one log view holds: the newest in memory, older ones on disk, the oldest dropped at the cap as a visible
 * gap. Lines have numbers that never change. Knows nothing of threads: the log worker owns it, tests use it directly.
 */
import type { LogWindow } from '../contract/models.ts'
import { NaruError, toEnvelope } from '../contract/errors.ts'
import type { ErrorEnvelope } from '../contract/errors.ts'
import { BYTES_PER_LINE, ChunkBuilder, chunkBytes, lineStart } from './chunk.ts'
import type { Chunk } from './chunk.ts'
import { Spill } from './spill.ts'

/** Lines and bytes of text one window may hold (a single longer line is still given). */
export const WINDOW_LINES = 2_000
export const WINDOW_BYTES = 4 * 1024 * 1024

export interface StoreOptions {
  /** Folder for spilled chunks. */
  readonly folder: string
  /** Unique within the folder; begins the file names. */
  readonly name: string
  /** Bytes kept in memory; default 64 MiB, never more than half the cap. */
  readonly memoryBytes?: number
  /** Bytes kept in all, memory and disk. */
  readonly capBytes: number
}

/** Figures of a store at one moment; see LogViewState. */
export interface StoreFigures {
  readonly firstLine: number
  readonly endLine: number
  readonly bytes: number
  readonly droppedLines: number
  /** Set when the disk refused older lines: from then on they are dropped instead. */
  readonly error?: ErrorEnvelope
}

export class LogStore {
  readonly #builder = new ChunkBuilder()
  readonly #memory: Chunk[] = []
  readonly #spill: Spill
  readonly #memoryCap: number
  readonly #cap: number
  #memoryBytes = 0
  #builderFirst = 0
  #dropped = 0
  #spillError: ErrorEnvelope | undefined
  #manySources = false
  #closed = false

  constructor(options: StoreOptions) {
    this.#cap = options.capBytes
    this.#memoryCap = Math.min(options.memoryBytes ?? 64 * 1024 * 1024, Math.floor(options.capBytes / 2))
    this.#spill = new Spill(options.folder, options.name, options.capBytes)
  }

  /** Adds `bytes[from, to)` as a line. `source` is the index of the container it came from (0…254). */
  append(bytes: Uint8Array, from: number, to: number, time: number, flags: number, source: number): void {
    if (this.#builder.isFullFor(to - from)) this.#seal()
    if (source > 0) this.#manySources = true
    this.#builder.add(bytes, from, to, time, flags, source)
  }

  get firstLine(): number {
    return this.#spill.first ?? this.#memory[0]?.first ?? this.#builderFirst
  }

  /** One past the newest line. */
  get endLine(): number {
    return this.#builderFirst + this.#builder.count
  }

  /** True once a line of another container than the first was added. */
  get manySources(): boolean {
    return this.#manySources
  }

  figures(): StoreFigures {
    return {
      firstLine: this.firstLine,
      endLine: this.endLine,
      bytes: this.#memoryBytes + this.#spill.bytes + this.#builder.textLength + this.#builder.count * BYTES_PER_LINE,
      droppedLines: this.#dropped,
      ...(this.#spillError && { error: this.#spillError }),
    }
  }

  /** The chunk that holds a line, valid until the next append; null when the line is dropped or not there yet. */
  chunkAt(line: number): Chunk | null {
    if (line >= this.#builderFirst) {
      return line < this.endLine ? this.#builder.peek(this.#builderFirst) : null
    }
    const oldest = this.#memory[0]
    if (!oldest || line < oldest.first) return this.#spill.read(line)
    let low = 0
    let high = this.#memory.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((this.#memory[middle] as Chunk).first <= line) low = middle
      else high = middle - 1
    }
    return this.#memory[low] ?? null
  }

  /** Lines `[from, from + count)` as far as they are held, at most WINDOW_LINES and about WINDOW_BYTES. */
  window(from: number, count: number): LogWindow {
    const first = Math.max(from, this.firstLine)
    const limit = Math.min(this.endLine, from + Math.min(count, WINDOW_LINES))
    const lines = Math.max(0, limit - first)
    const text = new Uint8Array(Math.min(this.#textBytes(first, limit), WINDOW_BYTES))
    const result = { text, ends: new Uint32Array(lines), times: new Float64Array(lines), flags: new Uint8Array(lines) }
    const sources = new Uint8Array(this.#manySources ? lines : 0)
    const done = this.#fill(result, sources, first, lines)
    return {
      from: first,
      text: result.text.subarray(0, done === 0 ? 0 : (result.ends[done - 1] as number)),
      ends: result.ends.subarray(0, done),
      times: result.times.subarray(0, done),
      flags: result.flags.subarray(0, done),
      ...(this.#manySources && { sources: sources.subarray(0, done) }),
    }
  }

  /** Lets go of everything and deletes its files. */
  close(): void {
    this.#closed = true
    this.#memory.length = 0
    this.#memoryBytes = 0
    this.#spill.close()
  }

  #textBytes(from: number, to: number): number {
    let total = 0
    for (let line = from; line < to && total < WINDOW_BYTES; ) {
      const chunk = this.chunkAt(line)
      if (!chunk) break
      const last = Math.min(to, chunk.first + chunk.count) - chunk.first - 1
      total += (chunk.ends[last] as number) - lineStart(chunk, line - chunk.first)
      line = chunk.first + last + 1
    }
    return total
  }

  #fill(
    into: { text: Uint8Array; ends: Uint32Array; times: Float64Array; flags: Uint8Array },
    sources: Uint8Array,
    first: number,
    lines: number,
  ): number {
    let at = 0
    let chunk: Chunk | null = null
    for (let done = 0; done < lines; done++) {
      const line = first + done
      if (!chunk || line >= chunk.first + chunk.count) chunk = this.chunkAt(line)
      if (!chunk) return done
      const index = line - chunk.first
      const start = lineStart(chunk, index)
      const end = (chunk.ends[index] as number) - 1
      if (at + end - start > into.text.length) {
        if (done > 0) return done
        into.text = new Uint8Array(end - start)
      }
      into.text.set(chunk.text.subarray(start, end), at)
      at += end - start
      into.ends[done] = at
      into.times[done] = chunk.times[index] as number
      into.flags[done] = chunk.flags[index] as number
      if (sources.length > 0) sources[done] = chunk.sources[index] as number
    }
    return lines
  }

  #seal(): void {
    if (this.#closed) throw new NaruError('cancelled', 'the log view is closed')
    const chunk = this.#builder.seal(this.#builderFirst)
    this.#builderFirst += chunk.count
    this.#memory.push(chunk)
    this.#memoryBytes += chunkBytes(chunk)
    while (this.#memoryBytes > this.#memoryCap && this.#memory.length > 1) this.#letGo()
    while (this.#memoryBytes + this.#spill.bytes > this.#cap) {
      const lines = this.#spill.dropOldest()
      if (lines === 0) break
      this.#dropped += lines
    }
  }

  #letGo(): void {
    const oldest = this.#memory.shift() as Chunk
    this.#memoryBytes -= chunkBytes(oldest)
    try {
      if (!this.#spillError) this.#spill.write(oldest)
    } catch (error) {
      this.#spillError = toEnvelope(error)
    }
    if (this.#spillError) this.#dropBefore(oldest)
    this.#builder.recycle(oldest)
  }

  /** Once a chunk could not be kept, nothing older may stay: the held lines must have no hole. */
  #dropBefore(chunk: Chunk): void {
    this.#dropped += chunk.count
    for (let lines = this.#spill.dropOldest(); lines > 0; lines = this.#spill.dropOldest()) this.#dropped += lines
  }
}
