/**
 * How much of an image's bytes is needed. dive's formula: over all paths, the least bytes that any layer stores for the
 * path, divided by all bytes stored for paths; wasted are the bytes, all copies together, of every path that more than one
 * layer touches. A removal touches a path with 0 bytes. Where dive goes wrong we do not follow: a removed directory (or one
 * that became opaque, or was replaced by a file) is the removal of every file in it, so it never raises the score.
 * Directories themselves have no bytes and do not count.
 */
import type { EntryTable } from './entry-table.ts'
import type { OnTouch } from './fold.ts'
import { MARK } from './fold.ts'

export interface Wasted {
  readonly path: number
  readonly count: number
  readonly bytes: number
}

export interface Score {
  readonly efficiency: number
  readonly totalBytes: number
  readonly wastedBytes: number
  readonly wastedCount: number
  /** The worst, most bytes first. */
  readonly wasted: readonly Wasted[]
}

export class Scorer {
  readonly #entries: EntryTable
  readonly #count: Uint16Array
  readonly #sum: Float64Array
  readonly #least: Float64Array

  constructor(entries: EntryTable, paths: number) {
    this.#entries = entries
    this.#count = new Uint16Array(paths)
    this.#sum = new Float64Array(paths)
    this.#least = new Float64Array(paths)
  }

  /** Listens to a fold from the first layer to the last. */
  readonly touch: OnTouch = (path, mark, before, after) => {
    const carried = mark !== MARK.removed && !this.#entries.isDirectory(after)
    const hid = before >= 0 && !this.#entries.isDirectory(before)
    if (!carried && !hid) return
    const bytes = carried ? (this.#entries.size[after] ?? 0) : 0
    const count = this.#count[path] ?? 0
    this.#count[path] = count + 1
    this.#sum[path] = (this.#sum[path] ?? 0) + bytes
    this.#least[path] = count === 0 ? bytes : Math.min(this.#least[path] ?? 0, bytes)
  }

  /**
   * @param most length of the list of wasted paths
   * @param textOf path of a number: what wastes the same is told in the order of paths
   */
  result(most: number, textOf: (path: number) => string): Score {
    let least = 0
    let totalBytes = 0
    let wastedBytes = 0
    const wasted: Wasted[] = []
    let wastedCount = 0
    for (let path = 0; path < this.#count.length; path++) {
      const count = this.#count[path] ?? 0
      const bytes = this.#sum[path] ?? 0
      totalBytes += bytes
      least += this.#least[path] ?? 0
      if (count < 2 || bytes === 0) continue
      wastedBytes += bytes
      wastedCount++
      wasted.push({ path, count, bytes })
      // Now and then the small ones go, so that the list stays short and the whole linear.
      if (wasted.length >= most * 8) keepWorst(wasted, most)
    }
    keepWorst(wasted, most)
    wasted.sort((a, b) => b.bytes - a.bytes || (textOf(a.path) < textOf(b.path) ? -1 : 1))
    return { efficiency: totalBytes === 0 ? 1 : least / totalBytes, totalBytes, wastedBytes, wastedCount, wasted }
  }
}

function keepWorst(wasted: Wasted[], most: number): void {
  wasted.sort((a, b) => b.bytes - a.bytes || a.path - b.path)
  wasted.length = Math.min(wasted.length, most)
}
