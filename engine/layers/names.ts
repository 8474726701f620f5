/**
 * Names in layers are bytes. Shown, they are UTF-8; a byte that is none of it becomes `\xHH`, so that no two names of a
 * folder look alike unless somebody wants them to. Paths never lead out: empty parts and `.` fall away, `..` takes the
 * part before it or, at the root, nothing.
 */

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const encoder = new TextEncoder()
const SLASH = 47
const DOT = 46

/** A name as a person reads it. */
export function shownName(bytes: Uint8Array): string {
  let ascii = true
  for (const byte of bytes) {
    if (byte >= 128) {
      ascii = false
      break
    }
  }
  if (ascii) return String.fromCharCode(...bytes)
  try {
    return strict.decode(bytes)
  } catch {
    return pieceByPiece(bytes)
  }
}

/** Valid sequences as text, all other bytes as `\xHH`. */
function pieceByPiece(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; ) {
    const first = bytes[at] ?? 0
    const length = first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 0
    const piece = decoded(bytes.subarray(at, at + length), length)
    text += piece ?? `\\x${first.toString(16).padStart(2, '0')}`
    at += piece === undefined ? 1 : length
  }
  return text
}

function decoded(bytes: Uint8Array, length: number): string | undefined {
  if (length === 0 || bytes.length < length) return undefined
  try {
    return strict.decode(bytes)
  } catch {
    return undefined
  }
}

export const nameBytes = (name: string): Uint8Array => encoder.encode(name)

/** Parts of a path in an archive, safe to join. */
export function pathParts(path: Uint8Array): Uint8Array[] {
  const parts: Uint8Array[] = []
  for (let from = 0; from <= path.length; ) {
    let to = path.indexOf(SLASH, from)
    if (to < 0) to = path.length
    const length = to - from
    if (length === 2 && path[from] === DOT && path[from + 1] === DOT) parts.pop()
    else if (length > 0 && !(length === 1 && path[from] === DOT)) parts.push(path.subarray(from, to))
    from = to + 1
  }
  return parts
}

/** The same for a path that is text. */
export function safePath(path: string): string {
  const parts: string[] = []
  for (const part of path.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  return parts.join('/')
}
