/** Largest file that is kept whole, and of all of them, bytes. */
const MOST_FILE = 16 * 1024 * 1024
const MOST_BYTES = 32 * 1024 * 1024

/** Files read last, so that paging through one does not export its image again and again. */
export class FileCache {
  readonly #files = new Map<string, Uint8Array>()

  fits(size: number): boolean {
    return size <= MOST_FILE
  }

  get(name: string): Uint8Array | undefined {
    const found = this.#files.get(name)
    if (found) {
      this.#files.delete(name)
      this.#files.set(name, found)
    }
    return found
  }

  keep(name: string, bytes: Uint8Array): void {
    this.#files.set(name, bytes)
    let sum = 0
    for (const { length } of this.#files.values()) sum += length
    for (const [oldest, { length }] of this.#files) {
      if (sum <= MOST_BYTES || oldest === name) return
      this.#files.delete(oldest)
      sum -= length
    }
  }
}
