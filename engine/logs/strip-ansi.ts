/**
 * Takes escape sequences and control characters out of UTF-8 bytes: what is left is the text parseAnsi (ansi.ts)
 * would show. Newlines stay, and no sequence reaches over one, so lines keep their numbers.
 */

const ESC = 0x1b
const BEL = 0x07
const TAB = 0x09
const NEWLINE = 0x0a

/** True when there is anything to strip (a lone carriage return counts). */
export function hasControls(bytes: Uint8Array): boolean {
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] as number
    if (byte < 0x20 ? byte !== NEWLINE && byte !== TAB : byte === 0x7f || byte === 0xc2) return true
  }
  return false
}

/** A copy without escape sequences and control characters. */
export function stripAnsiBytes(bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(bytes.length)
  const length = bytes.length
  let write = 0
  for (let at = 0; at < length; ) {
    const byte = bytes[at] as number
    if (byte === ESC) at = afterEscape(bytes, at + 1)
    else if (byte === 0xc2 && isC1(bytes[at + 1])) at = afterC1(bytes, at)
    else {
      // What was taken out between the halves of a control must not make it one.
      if (isC1(byte) && write > 0 && out[write - 1] === 0xc2) write--
      else if (byte >= 0x20 ? byte !== 0x7f : byte === NEWLINE || byte === TAB) out[write++] = byte
      at++
    }
  }
  return out.subarray(0, write)
}

const isC1 = (byte: number | undefined) => byte !== undefined && byte >= 0x80 && byte <= 0x9f

/** The eight-bit forms of the introducers, as UTF-8: C2 80 … C2 9F. */
function afterC1(bytes: Uint8Array, at: number): number {
  const code = bytes[at + 1] as number
  if (code === 0x9b) return afterCsi(bytes, at + 2)
  if (isStringIntroducer(code - 0x40)) return afterString(bytes, at + 2)
  return at + 2
}

/** P X ] ^ _ : device control, start of string, operating system, privacy, application. */
function isStringIntroducer(code: number): boolean {
  return code === 0x50 || code === 0x58 || (code >= 0x5d && code <= 0x5f)
}

function afterEscape(bytes: Uint8Array, at: number): number {
  const code = bytes[at]
  if (code === undefined) return at
  if (code === 0x5b) return afterCsi(bytes, at + 1)
  if (isStringIntroducer(code)) return afterString(bytes, at + 1)
  let end = at
  while (end < bytes.length && isBetween(bytes[end], 0x20, 0x2f)) end++
  return isBetween(bytes[end], 0x30, 0x7e) ? end + 1 : end
}

function afterCsi(bytes: Uint8Array, at: number): number {
  let end = at
  while (isBetween(bytes[end], 0x30, 0x3f)) end++
  while (isBetween(bytes[end], 0x20, 0x2f)) end++
  return isBetween(bytes[end], 0x40, 0x7e) ? end + 1 : end
}

/** A string without an end is not swallowed: only its introducer goes. */
function afterString(bytes: Uint8Array, at: number): number {
  for (let end = at; end < bytes.length; end++) {
    const byte = bytes[end] as number
    if (byte === BEL) return end + 1
    if (byte === 0xc2) {
      const next = bytes[end + 1] ?? 0
      if (next === 0x9c) return end + 2
      if (isStringIntroducer(next - 0x40)) return at
    }
    if (byte === ESC) return bytes[end + 1] === 0x5c ? end + 2 : at
    if (byte === NEWLINE) return at
  }
  return at
}

const isBetween = (byte: number | undefined, low: number, high: number) =>
  byte !== undefined && byte >= low && byte <= high
