/**
 * Reads protocol buffers' wire format, as far as BuildKit's progress needs it. Unknown fields are passed over, so a
 * newer builder may add some. Pure. Source: https://protobuf.dev/programming-guides/encoding
 */
export type Field =
  /** Varints and fixed numbers; above 2^53 they lose precision. */
  | { readonly number: number; readonly value: number; readonly bytes?: undefined }
  | { readonly number: number; readonly bytes: Uint8Array; readonly value?: undefined }

/** Fields of one message in order. @throws RangeError for bytes that end within a field or are no message */
export function* fieldsOf(message: Uint8Array): Generator<Field, void, undefined> {
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength)
  let at = 0
  const varint = (): number => {
    let low = 0
    let factor = 1
    for (let count = 0; count < 10; count += 1) {
      const byte = view.getUint8(at)
      at += 1
      low += (byte & 0x7f) * factor
      if (byte < 0x80) return low
      factor *= 128
    }
    throw new RangeError('a number of the message is too long')
  }
  while (at < message.length) {
    const key = varint()
    const number = Math.floor(key / 8)
    const type = key % 8
    if (type === 0) {
      yield { number, value: signed(varint()) }
    } else if (type === 1) {
      yield { number, value: Number(view.getBigInt64(at, true)) }
      at += 8
    } else if (type === 5) {
      yield { number, value: view.getInt32(at, true) }
      at += 4
    } else if (type === 2) {
      const length = varint()
      if (at + length > message.length) throw new RangeError('the message ends within a field')
      yield { number, bytes: message.subarray(at, at + length) }
      at += length
    } else {
      throw new RangeError(`wire type ${type} is not used`)
    }
  }
}

/** Numbers of 64 bits below zero are sent as their complement. */
const signed = (value: number): number => (value >= 2 ** 63 ? value - 2 ** 64 : value)

const decoder = new TextDecoder()

/** A field's bytes as text; empty for a number. */
export const textOf = (field: Field): string => (field.bytes ? decoder.decode(field.bytes) : '')

/** One message of the given fields; zero, empty and undefined ones are left out, as proto3 does. */
export function encodeMessage(fields: readonly (readonly [number, number | bigint | string | Uint8Array | undefined])[]): Buffer {
  const pieces: Uint8Array[] = []
  for (const [number, value] of fields) {
    if (value === undefined) continue
    if (typeof value === 'number' || typeof value === 'bigint') {
      if (BigInt(value) !== 0n) pieces.push(varint(BigInt(number) << 3n), varint(BigInt(value)))
      continue
    }
    const bytes = typeof value === 'string' ? Buffer.from(value) : value
    if (bytes.length > 0) pieces.push(varint((BigInt(number) << 3n) | 2n), varint(BigInt(bytes.length)), bytes)
  }
  return Buffer.concat(pieces)
}

function varint(value: bigint): Uint8Array {
  const bytes: number[] = []
  let rest = BigInt.asUintN(64, value)
  for (; rest >= 128n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128)
  bytes.push(Number(rest))
  return Uint8Array.from(bytes)
}
