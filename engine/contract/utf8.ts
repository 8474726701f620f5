/** UTF-8, strictly, without a library: the contract knows neither Node's types nor the page's. Pure. */

const CONTINUATION = 0x80
/** Smallest code points that need two, three and four bytes. */
const LEAST = [0, 0x80, 0x800, 0x10000]
const MOST = 0x10ffff
/** Bits before those of the code point in the first byte, by how many more bytes follow. */
const LEAD = [0, 0xc0, 0xe0, 0xf0]

/** Code point that begins at `at`, and its bytes; null where no whole, shortest, allowed sequence begins. */
export function decodeAt(bytes: Uint8Array, at: number): { readonly code: number; readonly length: number } | null {
  const first = bytes[at] ?? 0
  if (first < 0x80) return { code: first, length: 1 }
  const length = first >= 0xf8 ? 0 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 0
  if (length === 0 || at + length > bytes.length) return null
  let code = first & (0x7f >> length)
  for (let n = 1; n < length; n++) {
    const byte = bytes[at + n] ?? 0
    if ((byte & 0xc0) !== CONTINUATION) return null
    code = (code << 6) | (byte & 0x3f)
  }
  const surrogate = code >= 0xd800 && code <= 0xdfff
  return code < (LEAST[length - 1] ?? 0) || code > MOST || surrogate ? null : { code, length }
}

/** Bytes of a text; null when it has half of a pair of surrogates. */
export function encodeUtf8(text: string): Uint8Array | null {
  // A unit of UTF-16 takes at most three bytes.
  const bytes = new Uint8Array(text.length * 3)
  let length = 0
  for (const sign of text) {
    const code = sign.codePointAt(0) ?? 0
    if (code >= 0xd800 && code <= 0xdfff) return null
    const more = code < 0x80 ? 0 : code < 0x800 ? 1 : code < 0x10000 ? 2 : 3
    bytes[length++] = (LEAD[more] ?? 0) | (code >> (6 * more))
    for (let n = more - 1; n >= 0; n--) bytes[length++] = CONTINUATION | ((code >> (6 * n)) & 0x3f)
  }
  return bytes.slice(0, length)
}
