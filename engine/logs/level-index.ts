/**
 * Levels of a store's lines, found once and kept: half a byte for each line that was asked for. Histogram and filters of
 * one view share it, so that a level is guessed once whoever asks.
 */
import { partOf } from './chunk.ts'
import type { Chunk } from './chunk.ts'
import { LineLevels } from './line-levels.ts'
import { readable } from './match.ts'
import type { LogStore } from './store.ts'

/** Lines of a page; two lines share a byte. */
const PAGE = 16_384
/** A reader that begins in the middle looks at so many lines before, for the level a stack trace goes on with. */
const LEAD = 256

export class LevelIndex {
  readonly #store: LogStore
  /** Place in LOG_LEVELS + 1; 0 = not looked at yet. */
  readonly #pages = new Map<number, Uint8Array>()
  #levels = new LineLevels()
  /** What comes next for `#levels` to know what a line goes on with. */
  #next = 0
  #firstPage = 0

  constructor(store: LogStore) {
    this.#store = store
  }

  /** Places in LOG_LEVELS of the lines `[from, to)` of a chunk of the store. */
  read(chunk: Chunk, from: number, to: number): Uint8Array {
    const levels = new Uint8Array(to - from)
    for (let index = from; index < to; ) {
      const known = this.#get(chunk.first + index)
      if (known > 0) levels[index++ - from] = known - 1
      else {
        const until = this.#unknownUntil(chunk, index, to)
        levels.set(this.#detect(chunk, index, until), index - from)
        index = until
      }
    }
    return levels
  }

  /** Forgets lines that are no longer held. */
  dropBefore(line: number): void {
    for (; (this.#firstPage + 1) * PAGE <= line; this.#firstPage++) this.#pages.delete(this.#firstPage)
  }

  #unknownUntil(chunk: Chunk, from: number, to: number): number {
    let until = from + 1
    while (until < to && this.#get(chunk.first + until) === 0) until++
    return until
  }

  #detect(chunk: Chunk, from: number, to: number): Uint8Array {
    const first = chunk.first + from
    if (first !== this.#next) this.#lead(chunk, from)
    const part = partOf(chunk, from, to)
    const levels = this.#levels.read(readable(part), part.flags, part.sources)
    for (let index = 0; index < levels.length; index++) this.#set(first + index, (levels[index] as number) + 1)
    this.#next = first + levels.length
    this.dropBefore(this.#store.firstLine)
    return levels
  }

  /** Reads what stands before: `chunk` stays what it is, the store's newest chunk does not change meanwhile. */
  #lead(chunk: Chunk, from: number): void {
    this.#levels = new LineLevels()
    const before = from > 0 ? chunk : this.#store.chunkAt(chunk.first - 1)
    if (!before) return
    const end = from > 0 ? from : before.count
    const part = partOf(before, Math.max(0, end - LEAD), end)
    this.#levels.read(readable(part), part.flags, part.sources)
  }

  #get(line: number): number {
    const byte = this.#pages.get(Math.floor(line / PAGE))?.[(line % PAGE) >> 1] ?? 0
    return line % 2 === 0 ? byte & 15 : byte >> 4
  }

  #set(line: number, value: number): void {
    const number = Math.floor(line / PAGE)
    let page = this.#pages.get(number)
    if (!page) this.#pages.set(number, (page = new Uint8Array(PAGE / 2)))
    const at = (line % PAGE) >> 1
    page[at] = line % 2 === 0 ? ((page[at] as number) & 0xf0) | value : ((page[at] as number) & 0x0f) | (value << 4)
  }
}
