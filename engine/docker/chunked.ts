/**
 * Takes HTTP's chunked coding off a body (RFC 9112 §7.1), many chunks at a time. dockerd sends each line of a log as a
 * chunk of its own, and Node's parser calls back for every one of them: that alone costs more than all else in reading
 * a log.
 */
import { NaruError } from '../contract/errors.ts'

const CR = 13
const LF = 10
const SEMICOLON = 59
/** Longest size or trailer line, bytes. */
const MAX_LINE = 16 * 1024

type State = 'size' | 'extension' | 'data' | 'after-data' | 'trailer' | 'done'

export class ChunkedBody {
  #state: State = 'size'
  /** Bytes of the present chunk that are still to come; while its size is read, the size so far. */
  #left = 0
  #digits = 0
  /** Bytes of the present size or trailer line. */
  #line = 0

  /** The last chunk and the trailer have come. */
  get done(): boolean {
    return this.#state === 'done'
  }

  /**
   * The payload in `bytes`, moved together at its front: `bytes` is overwritten and the answer shares its memory.
   * @throws NaruError `engine.not-an-engine` for what is no chunked body.
   */
  push(bytes: Uint8Array): Uint8Array {
    let to = 0
    let at = 0
    while (at < bytes.length && this.#state !== 'done') {
      if (this.#state === 'data') {
        const part = Math.min(this.#left, bytes.length - at)
        if (to !== at) bytes.copyWithin(to, at, at + part)
        to += part
        at += part
        this.#left -= part
        if (this.#left === 0) this.#state = 'after-data'
      } else this.#take(bytes[at++] as number)
    }
    return bytes.subarray(0, to)
  }

  /** One byte that is not payload. */
  #take(byte: number): void {
    if (++this.#line > MAX_LINE) throw notChunked()
    if (this.#state === 'after-data') {
      if (byte === LF) this.#begin('size')
      else if (byte !== CR) throw notChunked()
    } else if (this.#state === 'trailer') {
      // An empty line ends the body; anything else is a field nobody reads.
      if (byte === LF) this.#begin(this.#line <= 2 && this.#digits === 0 ? 'done' : 'trailer')
      else if (byte !== CR) this.#digits++
    } else if (byte === LF) this.#endOfSize()
    else if (this.#state === 'size') this.#digit(byte)
  }

  #digit(byte: number): void {
    if (byte === CR || byte === SEMICOLON || byte === 32 || byte === 9) {
      this.#state = 'extension'
      return
    }
    const value = byte >= 48 && byte <= 57 ? byte - 48 : (byte | 32) >= 97 && (byte | 32) <= 102 ? (byte | 32) - 87 : -1
    this.#left = this.#left * 16 + value
    if (value < 0 || ++this.#digits > 12) throw notChunked()
  }

  #endOfSize(): void {
    if (this.#digits === 0) throw notChunked()
    const size = this.#left
    this.#begin(size === 0 ? 'trailer' : 'data')
    this.#left = size
  }

  #begin(state: State): void {
    this.#state = state
    this.#left = 0
    this.#digits = 0
    this.#line = 0
  }
}

function notChunked(): NaruError {
  return new NaruError('engine.not-an-engine', 'the body is not in the chunked coding it was announced in')
}
