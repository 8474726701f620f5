/** One log view inside the worker: its store, and for each container the frame machine and cursor that feed it. */
import { LogCursor } from './cursor.ts'
import { LogDemux } from './demux.ts'
import { LevelIndex } from './level-index.ts'
import { LogMerge } from './merge.ts'
import { LogStore } from './store.ts'
import type { StoreOptions } from './store.ts'
import { LOG_STDERR } from '../contract/models.ts'

/** Text of one source that may wait for others before its reader is told to pause. */
const PENDING_MAX = 256 * 1024

export interface ViewOptions extends StoreOptions {
  /** Containers shown together, 1…200. */
  readonly sources: number
}

interface Source {
  readonly cursor: LogCursor
  demux: LogDemux | null
  /** Bytes taken in whose reader has not been told so yet. */
  owed: number
  /** Lines taken from it so far. */
  lines: number
  /** Those that were printed before it was asked for, or nobody knows when. */
  past: number
  /** When it was asked for first, milliseconds since 1970, and a while: clocks of engines go differently. */
  asked: number
}

/** Milliseconds. */
const CLOCKS_MS = 1_000

const newSource = (): Source => ({ cursor: new LogCursor(), demux: null, owed: 0, lines: 0, past: 0, asked: 0 })

export class LogView {
  readonly store: LogStore
  /** Levels of its lines, as far as somebody asked for them. */
  readonly levels: LevelIndex
  readonly #sources: Source[]
  #merge: LogMerge | null

  constructor(options: ViewOptions) {
    this.store = new LogStore(options)
    this.levels = new LevelIndex(this.store)
    this.#sources = Array.from({ length: options.sources }, newSource)
    this.#merge = options.sources === 1 ? null : this.#newMerge()
  }

  /** One more container, behind those it has. */
  join(): void {
    this.#sources.push(newSource())
    if (this.#merge) this.#merge.add()
    else this.#merge = this.#newMerge()
  }

  /** A request for a source's lines is about to be made; returns the `since` it must carry, null for the first. */
  begin(index: number, tty: boolean, now: number): string | null {
    const source = this.#of(index)
    const { cursor } = source
    source.asked ||= Date.now() + CLOCKS_MS
    cursor.rewind()
    this.#merge?.begin(index, now)
    const line = (bytes: Uint8Array, from: number, to: number, seconds: number, nanos: number, flags: number) => {
      if (!Number.isNaN(seconds) && !cursor.take(flags & LOG_STDERR ? 1 : 0, seconds, nanos)) return
      source.lines++
      const time = seconds * 1000 + nanos / 1e6
      if (!(time > source.asked)) source.past++
      if (this.#merge) this.#merge.push(index, bytes, from, to, time, flags)
      else this.store.append(bytes, from, to, time, flags, 0)
    }
    source.demux = new LogDemux({ tty, timestamps: true }, { line })
    return cursor.since(Date.now() / 1_000)
  }

  /** Takes the next bytes of the request. Throws what the frame machine throws. */
  write(index: number, bytes: Uint8Array, now: number): void {
    const source = this.#of(index)
    source.owed += bytes.byteLength
    source.demux?.write(bytes)
    this.#merge?.touch(index, now)
  }

  /** The request is over; see LogDemux.end. */
  end(index: number, flush: boolean): void {
    const source = this.#of(index)
    const { demux } = source
    source.demux = null
    this.#merge?.end(index)
    demux?.end(flush)
  }

  /** Moves on what waits to be merged; returns when to call again, or null. */
  drain(now: number): number | null {
    return this.#merge ? this.#merge.drain(now) : null
  }

  /** Bytes of a source its reader may now send in addition. */
  takeCredit(index: number): number {
    if (this.#merge && this.#merge.waitingBytes(index) > PENDING_MAX) return 0
    const source = this.#of(index)
    const { owed } = source
    source.owed = 0
    return owed
  }

  lines(index: number): number {
    return this.#of(index).lines
  }

  /** Lines that are no news: printed before the source was asked for. */
  past(index: number): number {
    return this.#of(index).past
  }

  close(): void {
    this.store.close()
  }

  #newMerge(): LogMerge {
    return new LogMerge(this.#sources.length, (source, bytes, from, to, time, flags) => {
      this.store.append(bytes, from, to, time, flags, source)
    })
  }

  #of(index: number): Source {
    return this.#sources[index] as Source
  }
}
