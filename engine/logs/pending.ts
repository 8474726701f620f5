import { copyBytes } from './line-buffer.ts'

/** Lines of one source that wait to be merged with those of others: a queue in typed arrays. */
export class PendingLines {
  #text = new Uint8Array(16 * 1024)
  #ends = new Uint32Array(256)
  #times = new Float64Array(256)
  #flags = new Uint8Array(256)
  #head = 0
  #count = 0

  get empty(): boolean {
    return this.#head === this.#count
  }

  /** Bytes of text waiting. */
  get bytes(): number {
    return this.empty ? 0 : (this.#ends[this.#count - 1] as number) - this.#start(this.#head)
  }

  /** Time of the oldest line; lines without one go first. */
  get time(): number {
    const time = this.#times[this.#head] as number
    return Number.isNaN(time) ? Number.NEGATIVE_INFINITY : time
  }

  push(bytes: Uint8Array, from: number, to: number, time: number, flags: number): void {
    if (this.empty) this.#head = this.#count = 0
    const at = this.#start(this.#count)
    if (this.#count === this.#ends.length || at + to - from > this.#text.length) {
      this.#makeRoom(to - from)
      this.push(bytes, from, to, time, flags)
      return
    }
    copyBytes(bytes, from, to, this.#text, at)
    this.#ends[this.#count] = at + to - from
    this.#times[this.#count] = time
    this.#flags[this.#count] = flags
    this.#count++
  }

  /** Hands the oldest line to `take` and forgets it. */
  shift(take: (bytes: Uint8Array, from: number, to: number, time: number, flags: number) => void): void {
    const at = this.#head++
    take(
      this.#text,
      this.#start(at),
      this.#ends[at] as number,
      this.#times[at] as number,
      this.#flags[at] as number,
    )
  }

  #start(index: number): number {
    return index === 0 ? 0 : (this.#ends[index - 1] as number)
  }

  /** Moves what waits to the front, into arrays twice as large when that alone gives too little room. */
  #makeRoom(length: number): void {
    const from = this.#start(this.#head)
    const to = this.#start(this.#count)
    const lines = this.#count - this.#head
    const slots = lines * 2 > this.#ends.length ? this.#ends.length * 2 : this.#ends.length
    const room = Math.max(this.#text.length, (to - from + length) * 2)
    const text = new Uint8Array(room)
    text.set(this.#text.subarray(from, to))
    const ends = new Uint32Array(slots)
    for (let index = 0; index < lines; index++) ends[index] = (this.#ends[this.#head + index] as number) - from
    const times = new Float64Array(slots)
    times.set(this.#times.subarray(this.#head, this.#count))
    const flags = new Uint8Array(slots)
    flags.set(this.#flags.subarray(this.#head, this.#count))
    this.#text = text
    this.#ends = ends
    this.#times = times
    this.#flags = flags
    this.#head = 0
    this.#count = lines
  }
}
