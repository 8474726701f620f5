/** Keeps what was made last, as long as all of it together is not too heavy. */
export class Shelf<T> {
  readonly #things = new Map<string, { readonly thing: T; readonly weight: number }>()
  readonly #most: number
  readonly #heaviest: number

  /** @param most things kept; @param heaviest weight of all together, though the newest always stays */
  constructor(most: number, heaviest: number) {
    this.#most = most
    this.#heaviest = heaviest
  }

  get(key: string): T | undefined {
    const found = this.#things.get(key)
    if (!found) return undefined
    this.#things.delete(key)
    this.#things.set(key, found)
    return found.thing
  }

  put(key: string, thing: T, weight: number): void {
    this.#things.delete(key)
    this.#things.set(key, { thing, weight })
    let sum = 0
    for (const one of this.#things.values()) sum += one.weight
    for (const [oldest, one] of this.#things) {
      if (oldest === key || (this.#things.size <= this.#most && sum <= this.#heaviest)) return
      this.#things.delete(oldest)
      sum -= one.weight
    }
  }

  /** Drops every thing whose key fits. */
  drop(fits: (key: string) => boolean): void {
    for (const key of this.#things.keys()) if (fits(key)) this.#things.delete(key)
  }

  entries(): IterableIterator<[string, { readonly thing: T }]> {
    return this.#things.entries()
  }

  clear(): void {
    this.#things.clear()
  }
}
