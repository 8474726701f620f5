/** Datagrams in a byte stream: `u16 length` (little endian) and the bytes (docs/adr/0019). Pure. */

/** Longest datagram, bytes; UDP over IPv4 has less room. */
export const DATAGRAM_MAX = 65_535

const EMPTY = Buffer.alloc(0)

/** @throws RangeError for one that is too long */
export function encodeDatagram(datagram: Uint8Array): Buffer {
  if (datagram.length > DATAGRAM_MAX) throw new RangeError(`a datagram has at most ${DATAGRAM_MAX} bytes`)
  const bytes = Buffer.allocUnsafe(2 + datagram.length)
  bytes.writeUInt16LE(datagram.length, 0)
  bytes.set(datagram, 2)
  return bytes
}

/** Cuts a byte stream into datagrams, whatever pieces it comes in. Keeps less than one. */
export class DatagramReader {
  readonly #datagram: (datagram: Buffer) => void
  #rest: Buffer = EMPTY

  constructor(onDatagram: (datagram: Buffer) => void) {
    this.#datagram = onDatagram
  }

  push(chunk: Buffer): void {
    const bytes = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk
    let at = 0
    while (bytes.length - at >= 2) {
      const end = at + 2 + bytes.readUInt16LE(at)
      if (end > bytes.length) break
      this.#datagram(bytes.subarray(at + 2, end))
      at = end
    }
    this.#rest = at < bytes.length ? bytes.subarray(at) : EMPTY
  }
}
