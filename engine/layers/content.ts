/**
 * Bytes of files out of an image's archive, which is read once more: an analysis keeps trees, not content. Files are found
 * by the place they had (archive file and number of the header in it), so no name decides anything.
 */
import { NaruError } from '../contract/errors.ts'
import { ArchiveReader } from './archive-reader.ts'
import { broken } from './broken.ts'
import type { TarEntry } from './tar-header.ts'

/** Where a file's bytes are: `file` of the archive, `ordinal`th header in it. */
export interface ContentPlace {
  readonly file: string
  readonly ordinal: number
}

/** Begins the bytes of one place; `bytes` items follow until the next one. */
export interface ContentStart extends ContentPlace {
  /** With holes. */
  readonly size: number
}

export type ContentItem = ContentStart | Uint8Array

/** Archive bytes taken at once: what a packed layer makes of them is held until it is given on. */
const SLICE = 16 * 1024
const ZEROS = new Uint8Array(64 * 1024)

/**
 * The wanted contents in the order of the archive; ends the source as soon as all have come.
 * @throws NaruError `archive-broken`, also when a place is not in the archive
 */
export async function* readContents(
  source: AsyncIterable<Uint8Array>,
  wanted: ReadonlyMap<string, ReadonlySet<number>>,
): AsyncGenerator<ContentItem, void, undefined> {
  let left = [...wanted.values()].reduce((sum, { size }) => sum + size, 0)
  let items: (ContentItem | Hole)[] = []
  const give = (item: ContentItem | Hole): void => void items.push(item)
  const reader = new ArchiveReader({
    open: (file) => {
      const ordinals = wanted.get(file)
      return ordinals ? new Picker(file, ordinals, give, () => void left--) : null
    },
    close: () => undefined,
  })
  try {
    for await (const chunk of source) {
      for (let at = 0; at < chunk.length; at += SLICE) {
        const wait = reader.write(chunk.subarray(at, at + SLICE))
        if (wait) await wait
        const ready = items
        items = []
        for (const item of ready) {
          if (item instanceof Uint8Array || 'file' in item) yield item
          else yield* zeros(item.hole)
        }
        if (left === 0) return
      }
    }
    throw broken(reader.position, 'a file that was in it is not there any more')
  } finally {
    reader.destroy()
  }
}

interface Hole {
  readonly hole: number
}

function* zeros(count: number): Generator<Uint8Array, void, undefined> {
  for (let left = count; left > 0; left -= ZEROS.length) yield ZEROS.subarray(0, Math.min(left, ZEROS.length))
}

/** Picks places out of one layer and fills holes. */
class Picker {
  readonly #file: string
  readonly #ordinals: ReadonlySet<number>
  readonly #give: (item: ContentItem | Hole) => void
  readonly #picked: () => void
  #ordinal = -1
  #entry: TarEntry | null = null
  /** Bytes of the file given so far, and the present piece of its map. */
  #given = 0
  #piece = 0
  #pieceLeft = 0

  constructor(file: string, ordinals: ReadonlySet<number>, give: (item: ContentItem | Hole) => void, picked: () => void) {
    this.#file = file
    this.#ordinals = ordinals
    this.#give = give
    this.#picked = picked
  }

  entry(entry: TarEntry): boolean {
    this.#ordinal++
    if (!this.#ordinals.has(this.#ordinal)) return false
    this.#entry = entry
    this.#given = this.#piece = 0
    this.#pieceLeft = entry.sparse?.[0]?.length ?? 0
    this.#give({ file: this.#file, ordinal: this.#ordinal, size: entry.realSize })
    return true
  }

  data(piece: Uint8Array): void {
    const map = this.#entry?.sparse
    // The piece is the archive's buffer, which is used again.
    if (!map) {
      this.#give(piece.slice())
      return
    }
    for (let at = 0; at < piece.length; ) {
      while (this.#pieceLeft === 0 && this.#piece < map.length - 1) this.#pieceLeft = map[++this.#piece]?.length ?? 0
      this.#fill(map[this.#piece]?.offset ?? 0, this.#pieceLeft)
      const taken = Math.min(piece.length - at, this.#pieceLeft)
      if (taken === 0) return
      this.#give(piece.slice(at, at + taken))
      at += taken
      this.#given += taken
      this.#pieceLeft -= taken
    }
  }

  end(): void {
    if (this.#entry?.sparse) this.#hole(this.#entry.realSize)
    this.#picked()
  }

  /** A hole up to a piece that has not begun yet. */
  #fill(offset: number, left: number): void {
    const map = this.#entry?.sparse?.[this.#piece]
    if (map && left === map.length) this.#hole(offset)
  }

  #hole(until: number): void {
    if (until <= this.#given) return
    this.#give({ hole: until - this.#given })
    this.#given = until
  }
}

/** The bytes of one place. */
export async function* readContent(source: AsyncIterable<Uint8Array>, { file, ordinal }: ContentPlace): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const item of readContents(source, new Map([[file, new Set([ordinal])]]))) if (item instanceof Uint8Array) yield item
}

/** The error for reading what has no bytes. */
export function notAFile(path: string): NaruError {
  return new NaruError('invalid-request', `${path} is no file`, { params: { name: path }, hint: 'not-a-file' })
}
