/**
 * Frames of the one byte stream between Naru and the virtual machine (docs/adr/0016). Pure.
 *
 * `u32 stream, u8 type, u8 0, u16 length` (little endian), the payload, and after a payload one end mark. Stream 0 is
 * control. A byte stream that was cut in the middle of a frame is brought back into step by {@link RESYNC}: padding
 * that ends whatever frame is open, spoilt, because the end mark is not zero.
 */

/** `PAD` is one byte, not a frame: the reader steps over it. */
export const FRAME = { PAD: 0, OPEN: 1, DATA: 2, FIN: 3, RST: 4, WIN: 5 } as const

export type FrameType = Exclude<(typeof FRAME)[keyof typeof FRAME], 0>

export interface Frame {
  /** 1 … 2³²-1; 0 = control. */
  readonly stream: number
  readonly type: FrameType
  /** At most {@link PAYLOAD_MAX} bytes; a view into what was read, valid until the next read. */
  readonly payload: Buffer
}

export const HEADER_BYTES = 8
export const PAYLOAD_MAX = 32_768
export const END_MARK = 0xa5
/** Bytes a sender may have on the way per stream before the receiver gives credit back. */
export const WINDOW_BYTES = 256 * 1024
export const CONTROL_STREAM = 0

/** Zeros that end any frame that was cut short, and are padding behind it. */
export const RESYNC: Buffer = Buffer.alloc(HEADER_BYTES + PAYLOAD_MAX + 1 + HEADER_BYTES)

/** What cannot be a frame: nothing after it can be trusted. */
export class FrameError extends Error {}

const EMPTY = Buffer.alloc(0)

/** One frame's bytes. @throws RangeError for a payload over the limit */
export function encodeFrame(stream: number, type: FrameType, payload: Uint8Array = EMPTY): Buffer {
  if (payload.length > PAYLOAD_MAX) throw new RangeError(`a frame carries at most ${PAYLOAD_MAX} bytes`)
  const bytes = Buffer.allocUnsafe(HEADER_BYTES + payload.length + (payload.length > 0 ? 1 : 0))
  bytes.writeUInt32LE(stream, 0)
  bytes[4] = type
  bytes[5] = 0
  bytes.writeUInt16LE(payload.length, 6)
  if (payload.length > 0) {
    bytes.set(payload, HEADER_BYTES)
    bytes[bytes.length - 1] = END_MARK
  }
  return bytes
}

/** A WIN frame that gives `bytes` of credit. */
export function encodeCredit(stream: number, bytes: number): Buffer {
  const payload = Buffer.allocUnsafe(4)
  payload.writeUInt32LE(bytes, 0)
  return encodeFrame(stream, FRAME.WIN, payload)
}

const isFrameType = (type: number): type is FrameType => type >= FRAME.OPEN && type <= FRAME.WIN

/**
 * Cuts a byte stream into frames, whatever pieces it comes in. Keeps at most one frame.
 * `spoilt` is told of a frame without its end mark: it was cut short, and what it belongs to is over.
 */
export class FrameReader {
  readonly #frame: (frame: Frame) => void
  readonly #spoilt: () => void
  #rest: Buffer = EMPTY

  constructor(onFrame: (frame: Frame) => void, onSpoilt: () => void) {
    this.#frame = onFrame
    this.#spoilt = onSpoilt
  }

  /** @throws FrameError when the bytes cannot be frames; the reader is of no use after that */
  push(chunk: Buffer): void {
    const bytes = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk
    let at = 0
    for (;;) {
      const next = this.#take(bytes, at)
      if (next === null) break
      at = next
    }
    // A copy: the chunk belongs to the socket.
    this.#rest = at < bytes.length ? Buffer.from(bytes.subarray(at)) : EMPTY
  }

  /** Reads what begins at `at`; where it ends, or null when it is not whole yet. */
  #take(bytes: Buffer, at: number): number | null {
    if (bytes.length - at < HEADER_BYTES) return null
    const type = bytes[at + 4] ?? 0
    if (type === FRAME.PAD) {
      // A header that was cut short: its stream's number without a type.
      if (bytes.readUInt32LE(at) !== 0) this.#spoilt()
      return at + 1
    }
    const length = bytes.readUInt16LE(at + 6)
    if (!isFrameType(type) || bytes[at + 5] !== 0 || length > PAYLOAD_MAX) {
      throw new FrameError(`not a frame: type ${type}, length ${length}`)
    }
    const body = at + HEADER_BYTES
    if (length === 0) {
      this.#frame({ stream: bytes.readUInt32LE(at), type, payload: EMPTY })
      return body
    }
    const end = body + length
    if (bytes.length <= end) return null
    if (bytes[end] === END_MARK) this.#frame({ stream: bytes.readUInt32LE(at), type, payload: bytes.subarray(body, end) })
    else this.#spoilt()
    return end + 1
  }
}

/**
 * Finds the answer to a resync in bytes that may begin in the middle of anything.
 * `push` gives what follows the answer once it was found, before that null.
 */
export class SyncHunter {
  readonly #wanted: Buffer
  #tail: Buffer = EMPTY

  /** `nonce`: 8 random bytes that were sent on the control stream with RST. */
  constructor(nonce: Uint8Array) {
    this.#wanted = encodeFrame(CONTROL_STREAM, FRAME.RST, nonce)
  }

  push(chunk: Buffer): Buffer | null {
    const bytes = Buffer.concat([this.#tail, chunk])
    const at = bytes.indexOf(this.#wanted)
    if (at >= 0) return bytes.subarray(at + this.#wanted.length)
    this.#tail = Buffer.from(bytes.subarray(Math.max(0, bytes.length - this.#wanted.length + 1)))
    return null
  }
}
