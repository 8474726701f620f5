/** Columns of numbers that grow: a table of a million rows takes no more than its bytes. */

type Numbers = Int32Array | Uint32Array | Uint16Array | Uint8Array | Float64Array

/** The array with room for `length` items; a larger copy when it had not. */
export function withRoom<T extends Numbers>(array: T, length: number): T {
  if (length <= array.length) return array
  const larger = new (array.constructor as new (length: number) => T)(Math.max(length, Math.ceil(array.length * 1.6), 64))
  larger.set(array)
  return larger
}
