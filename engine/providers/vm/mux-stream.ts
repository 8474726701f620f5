/** One byte stream through the mux, as a Duplex with half-close. */
import { Duplex } from 'node:stream'
import { NaruError } from '../../contract/errors.ts'
import { encodeCredit, encodeFrame, FRAME, PAYLOAD_MAX, WINDOW_BYTES } from './mux-frame.ts'

/** What a stream needs of the link it goes through. */
export interface MuxLine {
  /** Sends a frame; false when the line is full, until `drained` is called. */
  readonly send: (frame: Buffer) => boolean
  /** The stream is over on both sides and forgotten. */
  readonly over: (id: number) => void
}

/** Credit goes back in quarters of the window: fewer frames, never an idle sender. */
const CREDIT_STEP = WINDOW_BYTES / 4

export class MuxStream extends Duplex {
  readonly id: number
  readonly #line: MuxLine
  /** Bytes that may still be sent before the other side gives more. */
  #credit = WINDOW_BYTES
  /** Bytes the other side may still send. */
  #allowed = WINDOW_BYTES
  /** Bytes the reader took and that were not credited yet. */
  #taken = 0
  /** Bytes handed to a reader that is full; credited when it asks for more. */
  #held = 0
  #waiting: { rest: Buffer; readonly done: (error?: Error | null) => void } | null = null
  #lineFull = false
  #finSent = false
  #finSeen = false
  /** The other side reset it, or the line is gone: nothing more is sent. */
  #cut = false

  constructor(id: number, line: MuxLine) {
    super({ allowHalfOpen: true, readableHighWaterMark: WINDOW_BYTES / 4, writableHighWaterMark: WINDOW_BYTES / 4 })
    this.id = id
    this.#line = line
  }

  // What HTTP agents ask of a socket.
  setNoDelay(): this {
    return this
  }

  setKeepAlive(): this {
    return this
  }

  setTimeout(): this {
    return this
  }

  ref(): this {
    return this
  }

  unref(): this {
    return this
  }

  /** A DATA frame came. The payload is copied. False when the other side sent more than it was allowed. */
  accept(payload: Buffer): boolean {
    if (payload.length > this.#allowed || this.#finSeen) return false
    this.#allowed -= payload.length
    if (this.destroyed) return true
    if (this.push(Buffer.from(payload))) this.#give(payload.length)
    else this.#held += payload.length
    return true
  }

  /** A FIN frame came: the other side sends no more. */
  acceptEnd(): void {
    if (this.#finSeen) return
    this.#finSeen = true
    this.push(null)
    this.#maybeOver()
  }

  acceptCredit(bytes: number): void {
    this.#credit += bytes
    this.#pump()
  }

  /** The other side reset it, or the line is gone. */
  cut(error?: Error): void {
    this.#cut = true
    this.#line.over(this.id)
    this.destroy(error)
  }

  /** The line takes frames again. */
  drained(): void {
    this.#lineFull = false
    this.#pump()
  }

  override _read(): void {
    const held = this.#held
    this.#held = 0
    if (held > 0) this.#give(held)
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#waiting = { rest: chunk, done }
    this.#pump()
  }

  override _final(done: (error?: Error | null) => void): void {
    if (!this.#cut) this.#line.send(encodeFrame(this.id, FRAME.FIN))
    this.#finSent = true
    this.#maybeOver()
    done()
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    const waiting = this.#waiting
    this.#waiting = null
    if (!this.#cut && !(this.#finSent && this.#finSeen)) this.#line.send(encodeFrame(this.id, FRAME.RST))
    this.#cut = true
    this.#line.over(this.id)
    waiting?.done(error ?? new NaruError('cancelled', 'the stream was closed'))
    done(error)
  }

  #give(bytes: number): void {
    this.#taken += bytes
    if (this.#taken < CREDIT_STEP || this.#cut || this.#finSeen) return
    this.#allowed += this.#taken
    this.#line.send(encodeCredit(this.id, this.#taken))
    this.#taken = 0
  }

  /** Sends what may be sent of the chunk that waits. */
  #pump(): void {
    const waiting = this.#waiting
    if (!waiting || this.#cut) return
    while (waiting.rest.length > 0 && this.#credit > 0 && !this.#lineFull) {
      const size = Math.min(PAYLOAD_MAX, this.#credit, waiting.rest.length)
      const part = waiting.rest.subarray(0, size)
      waiting.rest = waiting.rest.subarray(size)
      this.#credit -= size
      this.#lineFull = !this.#line.send(encodeFrame(this.id, FRAME.DATA, part))
    }
    if (waiting.rest.length > 0) return
    this.#waiting = null
    waiting.done()
  }

  #maybeOver(): void {
    if (this.#finSent && this.#finSeen) this.#line.over(this.id)
  }
}
