/** How much of an image is read at most: whoever made it decides how many files it tells of. */
import { NaruError } from '../contract/errors.ts'
import type { EntryTable } from './entry-table.ts'
import type { PathTable } from './path-table.ts'

export interface LayerBound {
  /** Headers, rows and paths, each over all layers. The largest images known have two million. */
  readonly entries: number
  /** Bytes of names and targets of links, each text once. */
  readonly textBytes: number
}

/** At the bound an analysis takes about a gigabyte. */
export const LAYER_BOUND: LayerBound = { entries: 5_000_000, textBytes: 256 * 1024 * 1024 }

/** Counts over all layers of one archive. */
export class BoundMeter {
  readonly #bound: LayerBound
  #headers = 0

  constructor(bound: LayerBound) {
    this.#bound = bound
  }

  /**
   * One more header. One alone adds no more than a thousand paths (tar-scanner.ts), so the bound is passed by that much at most.
   * @throws NaruError `unsupported` with hint `too-many-entries`; what a part of the layers would show is not what the image has
   */
  count(paths: PathTable, entries: EntryTable): void {
    const most = this.#bound.entries
    this.#headers += 1
    if (this.#headers <= most && paths.count <= most && entries.count <= most && paths.nameBytes + entries.linkBytes <= this.#bound.textBytes) return
    throw new NaruError('unsupported', 'the image has more files than are read', { hint: 'too-many-entries', params: { most } })
  }
}
