/** The newest bytes of a terminal, for a page that comes back. Pure. */

/** Bytes kept at most. */
export const SCROLLBACK_BYTES = 256 * 1024
/** How far into what is left a beginning of a line is looked for, bytes. */
const LONGEST_FRAGMENT = 8 * 1024
const NEWLINE = 0x0a

export interface Scrollback {
  push(bytes: Uint8Array): void
  /** What is kept, as one piece; begins behind a line break when something was dropped, so that no half character or colour leads. */
  read(): Uint8Array
  /** Bytes held now. */
  readonly size: number
}

export function createScrollback(limit = SCROLLBACK_BYTES): Scrollback {
  let pieces: Uint8Array[] = []
  let size = 0
  let dropped = false

  function trim(): void {
    let first = 0
    while (size > limit) {
      const piece = pieces[first] as Uint8Array
      const spare = size - limit
      if (piece.length <= spare) {
        first += 1
        size -= piece.length
      } else {
        pieces[first] = piece.slice(spare)
        size -= spare
      }
      dropped = true
    }
    if (first > 0) pieces = pieces.slice(first)
  }

  function whole(): Uint8Array {
    if (pieces.length === 1) return pieces[0] as Uint8Array
    const all = new Uint8Array(size)
    let at = 0
    for (const piece of pieces) {
      all.set(piece, at)
      at += piece.length
    }
    return all
  }

  /** Echoed keys come one by one: small pieces are put together, or their number would have no bound. */
  function gather(): void {
    if (pieces.length > 512) pieces = [whole()]
  }

  return {
    get size() {
      return size
    },
    push(bytes) {
      if (bytes.length === 0) return
      // A copy (slice of a Buffer is none): the piece may be a view of something larger.
      pieces.push(new Uint8Array(bytes))
      size += bytes.length
      trim()
      gather()
    },
    read() {
      const all = whole()
      if (!dropped) return all.slice()
      const at = all.subarray(0, LONGEST_FRAGMENT).indexOf(NEWLINE)
      return all.slice(at + 1)
    },
  }
}
