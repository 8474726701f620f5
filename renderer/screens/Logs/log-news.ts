/** Tells a person who cannot see them that lines came: seldom, however many they are. No framework, no text here. */

/** At most so often, ms… */
export const NEWS_MS = 5_000
/** …and so long after the first: what comes in one go is told in one go. */
export const GATHER_MS = 1_000
/** So many are read out; of more only the number is told. */
export const READ_MOST = 3

export class LogNews {
  readonly #tell: (from: number, count: number) => void
  #end: number | null = null
  #told = 0
  #toldAt = -Infinity
  #timer: ReturnType<typeof setTimeout> | undefined

  /** @param tell lines `[from, from + count)` came */
  constructor(tell: (from: number, count: number) => void) {
    this.#tell = tell
  }

  /** Lines reach up to `end` now; what the first call says is no news, and neither is a log that begins anew. */
  reach(end: number): void {
    if (this.#end === null || end < this.#end) this.#told = end
    this.#end = end
    if (end <= this.#told || this.#timer !== undefined) return
    const wait = Math.max(GATHER_MS, this.#toldAt + NEWS_MS - performance.now())
    this.#timer = setTimeout(() => this.#news(), wait)
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#end = null
  }

  #news(): void {
    this.#timer = undefined
    const [from, end] = [this.#told, this.#end ?? this.#told]
    if (end <= from) return
    this.#told = end
    this.#toldAt = performance.now()
    this.#tell(from, end - from)
  }
}
