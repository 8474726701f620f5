/** A run of log lines in a few typed arrays: no object, no string per line. */
import { copyBytes } from './line-buffer.ts'

/** A chunk is sealed at this many lines… */
export const CHUNK_LINES = 4096
/** …or at this much text, whichever comes first. One longer line gets a chunk of its own. */
export const CHUNK_BYTES = 512 * 1024

/** End, time, flags, source. */
export const BYTES_PER_LINE = 4 + 8 + 1 + 1
/** A chunk that fills its arrays to less than this share is copied to its size when sealed. */
const FILLED = 0.8

const NEWLINE = 10

export interface Chunk {
  /** Number of its first line. */
  readonly first: number
  readonly count: number
  /** Lines in UTF-8, each followed by a newline: nothing that is searched for can reach over a line's end. */
  readonly text: Uint8Array
  /** Offset behind the newline of each line. */
  readonly ends: Uint32Array
  /** Milliseconds since 1970; NaN when unknown. */
  readonly times: Float64Array
  readonly flags: Uint8Array
  /** Index of the container each line came from. */
  readonly sources: Uint8Array
}

/** Memory (and room in a spill file) a chunk takes, bytes. */
export function chunkBytes(chunk: Chunk): number {
  return chunk.text.byteLength + chunk.count * BYTES_PER_LINE
}

/** Where a line begins in `chunk.text`; its end, newline left out, is `chunk.ends[index] - 1`. */
export function lineStart(chunk: Chunk, index: number): number {
  return index === 0 ? 0 : (chunk.ends[index - 1] as number)
}

/** Lines `[from, to)` of a chunk as a chunk; shares its memory. */
export function partOf(chunk: Chunk, from: number, to: number): Chunk {
  if (from === 0 && to === chunk.count) return chunk
  const start = lineStart(chunk, from)
  return {
    first: chunk.first + from,
    count: to - from,
    text: chunk.text.subarray(start, chunk.ends[to - 1]),
    ends: chunk.ends.slice(from, to).map((end) => end - start),
    times: chunk.times.subarray(from, to),
    flags: chunk.flags.subarray(from, to),
    sources: chunk.sources.subarray(from, to),
  }
}

interface Arrays {
  text: Uint8Array
  readonly ends: Uint32Array
  readonly times: Float64Array
  readonly flags: Uint8Array
  readonly sources: Uint8Array
}

function newArrays(): Arrays {
  return {
    text: new Uint8Array(CHUNK_BYTES),
    ends: new Uint32Array(CHUNK_LINES),
    times: new Float64Array(CHUNK_LINES),
    flags: new Uint8Array(CHUNK_LINES),
    sources: new Uint8Array(CHUNK_LINES),
  }
}

/** Arrays of let-go chunks kept for new ones: without them a fast log makes half a megabyte of garbage per chunk. */
const SPARE_MAX = 4

/** Fills the newest chunk of a store. */
export class ChunkBuilder {
  #arrays = newArrays()
  readonly #spare: Arrays[] = []
  count = 0
  textLength = 0

  /** True when a line of `length` bytes needs a new chunk. */
  isFullFor(length: number): boolean {
    return (
      this.count === CHUNK_LINES || (this.count > 0 && this.textLength + length + 1 > this.#arrays.text.length)
    )
  }

  /** Adds `bytes[from, to)` as a line; ask `isFullFor` first. */
  add(bytes: Uint8Array, from: number, to: number, time: number, flags: number, source: number): void {
    const arrays = this.#arrays
    const length = to - from
    if (length + 1 > arrays.text.length) arrays.text = new Uint8Array(length + 1)
    copyBytes(bytes, from, to, arrays.text, this.textLength)
    arrays.text[this.textLength + length] = NEWLINE
    this.textLength += length + 1
    arrays.ends[this.count] = this.textLength
    arrays.times[this.count] = time
    arrays.flags[this.count] = flags
    arrays.sources[this.count] = source
    this.count++
  }

  /** What it holds so far, without a copy: valid until the next `add` or `seal`. */
  peek(first: number): Chunk {
    const { text, ends, times, flags, sources } = this.#arrays
    const count = this.count
    return {
      first,
      count,
      text: text.subarray(0, this.textLength),
      ends: ends.subarray(0, count),
      times: times.subarray(0, count),
      flags: flags.subarray(0, count),
      sources: sources.subarray(0, count),
    }
  }

  /** Closes the chunk and begins the next. */
  seal(first: number): Chunk {
    const held = this.peek(first)
    const wasteful = chunkBytes(held) < (this.#arrays.text.length + CHUNK_LINES * BYTES_PER_LINE) * FILLED
    const sealed = wasteful
      ? {
          ...held,
          text: held.text.slice(),
          ends: held.ends.slice(),
          times: held.times.slice(),
          flags: held.flags.slice(),
          sources: held.sources.slice(),
        }
      : held
    if (!wasteful) this.#arrays = this.#spare.pop() ?? newArrays()
    else if (this.#arrays.text.length !== CHUNK_BYTES) this.#arrays.text = new Uint8Array(CHUNK_BYTES)
    this.count = 0
    this.textLength = 0
    return sealed
  }

  /** Takes the arrays of a chunk nobody uses any more. */
  recycle(chunk: Chunk): void {
    if (this.#spare.length >= SPARE_MAX || chunk.text.buffer.byteLength !== CHUNK_BYTES) return
    if (chunk.ends.buffer.byteLength !== CHUNK_LINES * 4) return
    this.#spare.push({
      text: new Uint8Array(chunk.text.buffer),
      ends: new Uint32Array(chunk.ends.buffer),
      times: new Float64Array(chunk.times.buffer),
      flags: new Uint8Array(chunk.flags.buffer),
      sources: new Uint8Array(chunk.sources.buffer),
    })
  }
}
