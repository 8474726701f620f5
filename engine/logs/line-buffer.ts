/** Longest line kept, bytes; what comes after is dropped and the line is marked as cut. */
export const LINE_MAX = 1024 * 1024

const INITIAL = 4096
/** A buffer grown beyond this by one huge line is given back. */
const KEEP = 64 * 1024

/** Copies a short run of bytes; a plain loop beats making two views for what most log lines are. */
export function copyBytes(from: Uint8Array, start: number, end: number, to: Uint8Array, at: number): void {
  if (end - start > 48) to.set(from.subarray(start, end), at)
  else for (let read = start, write = at; read < end; read++, write++) to[write] = from[read] as number
}

/** Collects one line from pieces, up to `LINE_MAX` bytes. */
export class LineBuffer {
  bytes = new Uint8Array(INITIAL)
  length = 0
  /** Bytes beyond the bound were dropped. */
  cut = false

  append(from: Uint8Array, start: number, end: number): void {
    let stop = end
    if (this.length + (end - start) > LINE_MAX) {
      stop = start + LINE_MAX - this.length
      this.cut = true
    }
    const needed = this.length + stop - start
    if (needed > this.bytes.length) this.#grow(needed)
    copyBytes(from, start, stop, this.bytes, this.length)
    this.length = needed
  }

  clear(): void {
    this.length = 0
    this.cut = false
    if (this.bytes.length > KEEP) this.bytes = new Uint8Array(INITIAL)
  }

  #grow(needed: number): void {
    const bytes = new Uint8Array(Math.min(LINE_MAX, Math.max(needed, this.bytes.length * 2)))
    bytes.set(this.bytes.subarray(0, this.length))
    this.bytes = bytes
  }
}
