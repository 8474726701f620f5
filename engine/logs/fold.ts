/**
 * Makes ASCII letters small, four bytes at a time: the fastest of what was tried for searching without regard to case
 * (half the time of decoding and `toLowerCase`). Bytes of other characters stay as they are, so offsets stay too.
 */

/** Returns a fold with its own scratch memory: what it gives is valid until its next call. */
export function createFold(): (text: Uint8Array) => Buffer {
  let words = new Uint32Array(0)
  return (text) => {
    const used = Math.ceil(text.length / 4)
    if (words.length < used) words = new Uint32Array(Math.max(used, 128 * 1024))
    const bytes = Buffer.from(words.buffer, 0, text.length)
    bytes.set(text)
    for (let at = 0; at < used; at++) {
      const word = words[at] as number
      const seven = word & 0x7f7f7f7f
      // The top bit of each byte: set by the first sum from `A` on, by the second from behind `Z` on.
      const capital = (seven + 0x3f3f3f3f) & ~(seven + 0x25252525) & ~word & 0x80808080
      words[at] = word | (capital >>> 2)
    }
    return bytes
  }
}
