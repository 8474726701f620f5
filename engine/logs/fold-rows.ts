/** Rows of which some are folded away: two bits for each, and quick counts of those that stand. */

const PAGE = 16_384
const WORDS = PAGE / 32

interface Page {
  /** Rows that are seen. */
  readonly standing: Uint32Array
  /** Rows that can be folded. */
  readonly members: Uint32Array
  /** Standing rows before it. */
  start: number
}

function ones(bits: number): number {
  let count = bits - ((bits >>> 1) & 0x55555555)
  count = (count & 0x33333333) + ((count >>> 2) & 0x33333333)
  return (((count + (count >>> 4)) & 0x0f0f0f0f) * 0x01010101) >>> 24
}

/** Rows of below have numbers that never change; the standing ones are numbered anew when some are opened or folded. */
export class FoldRows {
  readonly #pages = new Map<number, Page>()
  /** Numbers of the pages, ascending. */
  readonly #order: number[] = []
  #first = 0
  #end = 0
  #standing = 0

  /** One past the newest row. */
  get end(): number {
    return this.#end
  }

  /** One past the newest standing row. */
  get standingEnd(): number {
    return this.#standing
  }

  /** The first standing row that is kept. */
  get standingFirst(): number {
    return this.rank(this.#first)
  }

  /** The next row. A member that does not stand is folded. */
  push(standing: boolean, member: boolean): void {
    const page = this.#page(Math.floor(this.#end / PAGE))
    const word = (this.#end % PAGE) >> 5
    const bit = 1 << (this.#end & 31)
    if (standing) {
      page.standing[word] = (page.standing[word] as number) | bit
      this.#standing += 1
    }
    if (member) page.members[word] = (page.members[word] as number) | bit
    this.#end += 1
  }

  /** Rows before `row` were dropped before they were seen here. */
  skipTo(row: number): void {
    this.#end = Math.max(this.#end, row)
    this.dropBefore(row)
  }

  dropBefore(row: number): void {
    this.#first = Math.max(this.#first, Math.min(row, this.#end))
    for (let number = this.#order[0]; number !== undefined && (number + 1) * PAGE <= this.#first; number = this.#order[0]) {
      if (this.#order.length === 1) break
      this.#pages.delete(number)
      this.#order.shift()
    }
  }

  isStanding(row: number): boolean {
    return this.#has('standing', row)
  }

  isMember(row: number): boolean {
    return this.#has('members', row)
  }

  /** Standing rows before `row`. */
  rank(row: number): number {
    if (row >= this.#end) return this.#standing
    const page = this.#pages.get(Math.floor(row / PAGE))
    if (!page) return this.#pages.get(this.#order.find((number) => number * PAGE >= row) ?? -1)?.start ?? 0
    const last = (row % PAGE) >> 5
    let count = page.start
    for (let word = 0; word < last; word++) count += ones(page.standing[word] as number)
    return count + ones((page.standing[last] as number) & ((1 << (row & 31)) - 1))
  }

  /** The row of a standing one; `end` when there are not so many. */
  select(standing: number): number {
    if (standing >= this.#standing) return this.#end
    let low = 0
    let high = this.#order.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((this.#pages.get(this.#order[middle] as number) as Page).start <= standing) low = middle
      else high = middle - 1
    }
    const number = this.#order[low] as number
    const page = this.#pages.get(number) as Page
    let left = Math.max(0, standing - page.start)
    for (let word = 0; word < WORDS; word++) {
      let bits = page.standing[word] as number
      const here = ones(bits)
      if (left >= here) {
        left -= here
        continue
      }
      for (; left > 0; left--) bits &= bits - 1
      return number * PAGE + word * 32 + (31 - Math.clz32(bits & -bits))
    }
    return this.#end
  }

  /** Opens (or folds) rows, ascending. */
  set(rows: readonly number[], standing: boolean): void {
    let change = 0
    let at = 0
    for (const number of this.#order) {
      const page = this.#pages.get(number) as Page
      page.start += change
      for (; at < rows.length && (rows[at] as number) < (number + 1) * PAGE; at++) {
        const row = rows[at] as number
        if (row < number * PAGE || this.isStanding(row) === standing) continue
        const word = (row % PAGE) >> 5
        page.standing[word] = (page.standing[word] as number) ^ (1 << (row & 31))
        change += standing ? 1 : -1
      }
    }
    this.#standing += change
  }

  #has(plane: 'standing' | 'members', row: number): boolean {
    const page = this.#pages.get(Math.floor(row / PAGE))
    return page !== undefined && ((page[plane][(row % PAGE) >> 5] as number) & (1 << (row & 31))) !== 0
  }

  #page(number: number): Page {
    let page = this.#pages.get(number)
    if (!page) {
      this.#pages.set(number, (page = { standing: new Uint32Array(WORDS), members: new Uint32Array(WORDS), start: this.#standing }))
      this.#order.push(number)
    }
    return page
  }
}
