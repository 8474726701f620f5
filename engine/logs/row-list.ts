/** An ever growing list of ascending line numbers, each with one bit: four bytes a row, no copy when it grows. */

const PAGE = 16_384

/** Rows are numbered from 0 and keep their numbers when the oldest are dropped. Lines below 2³¹. */
export class RowList {
  readonly #pages = new Map<number, Uint32Array>()
  #first = 0
  #end = 0

  get first(): number {
    return this.#first
  }

  /** One past the newest row. */
  get end(): number {
    return this.#end
  }

  /** `line` is greater than those before. */
  push(line: number, mark: boolean): void {
    const page = Math.floor(this.#end / PAGE)
    let rows = this.#pages.get(page)
    if (!rows) this.#pages.set(page, (rows = new Uint32Array(PAGE)))
    rows[this.#end % PAGE] = line * 2 + (mark ? 1 : 0)
    this.#end += 1
  }

  line(row: number): number {
    return this.#value(row) >>> 1
  }

  isMarked(row: number): boolean {
    return (this.#value(row) & 1) === 1
  }

  /** The first row whose line is `line` or greater; `end` when there is none. */
  rowAt(line: number): number {
    let low = this.#first
    let high = this.#end
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.line(middle) < line) low = middle + 1
      else high = middle
    }
    return low
  }

  /** Forgets the rows of lines before `line`. */
  dropBefore(line: number): void {
    if (this.#first < this.#end && this.line(this.#first) >= line) return
    this.#first = this.rowAt(line)
    for (const page of this.#pages.keys()) if ((page + 1) * PAGE <= this.#first) this.#pages.delete(page)
  }

  #value(row: number): number {
    return this.#pages.get(Math.floor(row / PAGE))?.[row % PAGE] ?? 0
  }
}
