/** Sparse files in tar archives: where the stored bytes belong. Three PAX formats and GNU's old one. */
import { number } from './tar-header.ts'

export interface SparsePiece {
  readonly offset: number
  readonly length: number
}

/** `[offset, length, offset, length, …]` as pieces. */
export function parseSparseMap(numbers: readonly number[]): SparsePiece[] {
  const map: SparsePiece[] = []
  for (let at = 0; at + 1 < numbers.length; at += 2) map.push({ offset: numbers[at] ?? 0, length: numbers[at + 1] ?? 0 })
  return map
}

/** Pieces in a block of GNU's old format, `count` of them from `from`; a length of 0 bytes in the field ends them. */
export function oldSparsePieces(block: Uint8Array, from: number, count: number): SparsePiece[] {
  const map: SparsePiece[] = []
  for (let at = from; at < from + count * 24; at += 24) {
    if (block[at] === 0) break
    map.push({ offset: number(block, at, 12), length: number(block, at + 12, 12) })
  }
  return map
}

/** True when the pieces are in order, do not overlap, hold exactly `stored` bytes and end within `size`. */
export function isSoundMap(map: readonly SparsePiece[], stored: number, size: number): boolean {
  let end = 0
  let sum = 0
  for (const { offset, length } of map) {
    if (!Number.isSafeInteger(offset) || !Number.isSafeInteger(length) || length < 0 || offset < end) return false
    end = offset + length
    sum += length
  }
  return end <= size && sum === stored
}
