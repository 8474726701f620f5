/**
 * One 512-byte header of a tar archive: POSIX ustar, PAX, GNU and old v7, as Go's archive/tar (which wrote nearly every
 * image) reads them. Names stay bytes: nothing says that they are UTF-8.
 */
import type { SparsePiece } from './sparse.ts'

export const BLOCK = 512

export type TarKind =
  | 'file'
  | 'hardlink'
  | 'symlink'
  | 'char-device'
  | 'block-device'
  | 'directory'
  | 'fifo'
  /** Not entries but what is said about the next one. */
  | 'pax'
  | 'pax-global'
  | 'long-name'
  | 'long-link'
  /** Old GNU sparse file: the map begins in the header. */
  | 'sparse'
  /** Volume labels and the like: nothing in the file system. */
  | 'other'

export interface TarEntry {
  kind: TarKind
  name: Uint8Array
  linkName: Uint8Array
  /** Bytes that follow in the archive (before padding); 0 for kinds without data. */
  size: number
  mode: number
  uid: number
  gid: number
  /** Seconds since 1970, may be negative or have a fraction. */
  mtime: number
  major: number
  minor: number
  /** Size of the file: larger than the stored `size` when it has holes. */
  realSize: number
  /** Where the stored bytes belong; null = one after another. */
  sparse: readonly SparsePiece[] | null
}

const KINDS: Readonly<Record<string, TarKind>> = {
  '\0': 'file',
  '0': 'file',
  '1': 'hardlink',
  '2': 'symlink',
  '3': 'char-device',
  '4': 'block-device',
  '5': 'directory',
  '6': 'fifo',
  '7': 'file',
  x: 'pax',
  X: 'pax',
  g: 'pax-global',
  L: 'long-name',
  K: 'long-link',
  S: 'sparse',
  V: 'other',
  M: 'other',
  N: 'other',
}
/** Their size field means nothing; no data follows. */
const HEADER_ONLY: ReadonlySet<TarKind> = new Set(['hardlink', 'symlink', 'char-device', 'block-device', 'directory', 'fifo'])

const USTAR = [117, 115, 116, 97, 114]
const SLASH = 47
const ZERO = 48

/** True for a block of zeros: the end of an archive is two of them. */
export function isZeroBlock(block: Uint8Array): boolean {
  for (let at = 0; at < BLOCK; at++) if (block[at] !== 0) return false
  return true
}

/** True when the block's checksum is right: some writers summed signed bytes. */
export function isHeader(block: Uint8Array): boolean {
  const told = octal(block, 148, 8)
  if (!Number.isFinite(told)) return false
  let sum = 0
  let signed = 0
  for (let at = 0; at < BLOCK; at++) {
    const byte = at >= 148 && at < 156 ? 32 : (block[at] ?? 0)
    sum += byte
    signed += byte > 127 ? byte - 256 : byte
  }
  return told === sum || told === signed
}

/** The header in a block of 512 bytes, or what is wrong with it. The bytes are copied. */
export function readHeader(block: Uint8Array): TarEntry | { readonly problem: string } {
  if (!isHeader(block)) return { problem: 'no tar header where one must be (wrong checksum)' }
  const ustar = USTAR.every((byte, at) => block[257 + at] === byte)
  const gnu = ustar && block[262] === 32
  const kind = KINDS[String.fromCharCode(block[156] ?? 0)] ?? 'file'
  let name = cString(block, 0, 100)
  if (ustar && !gnu) {
    const prefix = cString(block, 345, 155)
    if (prefix.length > 0) name = joined(prefix, name)
  }
  const told = number(block, 124, 12)
  if (!(told >= 0) || told > Number.MAX_SAFE_INTEGER) return { problem: 'a size that cannot be' }
  const size = HEADER_ONLY.has(kind) ? 0 : told
  return {
    kind,
    name,
    linkName: cString(block, 157, 100),
    size,
    mode: orZero(number(block, 100, 8)),
    uid: orZero(number(block, 108, 8)),
    gid: orZero(number(block, 116, 8)),
    mtime: orZero(number(block, 136, 12)),
    major: ustar ? orZero(number(block, 329, 8)) : 0,
    minor: ustar ? orZero(number(block, 337, 8)) : 0,
    realSize: size,
    sparse: null,
  }
}

/** True when a kind's size counts data. */
export const hasData = (kind: TarKind): boolean => !HEADER_ONLY.has(kind)

function orZero(value: number): number {
  return Number.isFinite(value) ? value : 0
}

/** A number in octal or, with the first bit set, in base 256 (two's complement); NaN when it is neither. */
export function number(block: Uint8Array, from: number, length: number): number {
  const first = block[from] ?? 0
  if ((first & 0x80) === 0) return octal(block, from, length)
  const negative = (first & 0x40) !== 0
  let value = negative ? (first | ~0x7f) & 0xff : first & 0x7f
  if (negative) value -= 256
  for (let at = from + 1; at < from + length; at++) value = value * 256 + (block[at] ?? 0)
  return value
}

function octal(block: Uint8Array, from: number, length: number): number {
  let value = 0
  let digits = 0
  for (let at = from; at < from + length; at++) {
    const byte = block[at] ?? 0
    if (byte === 0 || byte === 32) {
      if (digits > 0) break
      continue
    }
    if (byte < ZERO || byte > 55) return Number.NaN
    value = value * 8 + (byte - ZERO)
    digits++
  }
  return value
}

function cString(block: Uint8Array, from: number, length: number): Uint8Array {
  let end = from
  while (end < from + length && block[end] !== 0) end++
  return block.slice(from, end)
}

function joined(prefix: Uint8Array, name: Uint8Array): Uint8Array {
  const both = new Uint8Array(prefix.length + 1 + name.length)
  both.set(prefix)
  both[prefix.length] = SLASH
  both.set(name, prefix.length + 1)
  return both
}
