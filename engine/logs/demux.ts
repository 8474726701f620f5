/**
 * The frame machine: raw bytes of `/containers/{id}/logs` become lines, handed to a sink as slices of bytes.
 * No object and no string is made per line. The common case (a whole frame with one newline at its end, or a whole
 * tty line, inside the piece of input at hand) goes straight from the input; everything else is assembled byte run by
 * byte run, so that any cutting of the input gives the same lines.
 *
 * Engines store lines longer than 16 KiB in several entries. Framed, each entry is one frame; on a tty they just follow
 * each other. Each repeats the timestamp of the line's first entry, which is how a continuation is told from a new line
 * after one that never ended.
 */
import { LOG_CUT, LOG_PARTIAL, LOG_STDERR } from '../contract/models.ts'
import { NaruError } from '../contract/errors.ts'
import { OpenLine } from './open-line.ts'
import type { LineSink } from './open-line.ts'
import { STAMP_MAX, StampReader } from './timestamp.ts'

const NEWLINE = 10
const RETURN = 13
const SPACE = 32
const HEADER_LENGTH = 8
/** Entries of a long tty line are this long. */
const ENTRY_LENGTH = 16 * 1024
/** Frame types above this are no frames at all. 3 = the daemon's own error message. */
const SYSTEM_ERROR = 3

export interface DemuxOptions {
  /** The container has a terminal: the stream has no frames. */
  readonly tty: boolean
  /** Each entry begins with a timestamp. */
  readonly timestamps: boolean
}

const PHASE = { header: 0, stamp: 1, body: 2 } as const
type Phase = (typeof PHASE)[keyof typeof PHASE]

export class LogDemux {
  readonly #sink: LineSink
  readonly #timestamps: boolean
  readonly #reader = new StampReader()
  readonly #lines: readonly [OpenLine, OpenLine] = [new OpenLine(), new OpenLine()]
  readonly #header = new Uint8Array(HEADER_LENGTH)
  readonly #stamp = new Uint8Array(STAMP_MAX)
  #tty: boolean
  #sniffed = false
  #phase: Phase
  #headerLength = 0
  #stampLength = 0
  /** Bytes of the present frame still to come. */
  #frameLeft = 0
  #stream: 0 | 1 = 0
  #systemError = ''
  #isError = false
  /** Stamp of the present entry. */
  #seconds = Number.NaN
  #nanos = 0

  constructor(options: DemuxOptions, sink: LineSink) {
    this.#sink = sink
    this.#timestamps = options.timestamps
    this.#tty = options.tty
    this.#phase = PHASE.header
    if (options.tty) this.#becomeRaw()
  }

  /** Takes the next piece of the stream. Throws `internal` when it is no log stream or the daemon reports an error. */
  write(bytes: Uint8Array): void {
    let at = 0
    const end = bytes.length
    while (at < end) {
      if (this.#phase === PHASE.header) at = this.#readHeader(bytes, at, end)
      else if (this.#phase === PHASE.stamp) at = this.#readStamp(bytes, at, end)
      else at = this.#readBody(bytes, at, end)
    }
  }

  /**
   * The stream is over. With `flush`, a line without newline is handed out as it is (flag LOG_PARTIAL); without, it is
   * forgotten, because the next request reads it again.
   */
  end(flush: boolean): void {
    if (this.#systemError) this.#throwSystemError()
    if (this.#phase === PHASE.stamp && this.#stampLength > 0) this.#stampDone(true)
    for (const stream of [0, 1] as const) {
      if (flush && this.#lines[stream].open) this.#finish(stream, LOG_PARTIAL)
      this.#lines[stream].open = false
    }
  }

  // ---- headers --------------------------------------------------------------------------------------------------

  #becomeRaw(): void {
    this.#tty = true
    this.#frameLeft = Number.POSITIVE_INFINITY
    this.#stream = 0
    this.#beginEntry()
  }

  #readHeader(bytes: Uint8Array, at: number, end: number): number {
    let position = at
    if (this.#headerLength === 0) {
      const direct = this.#directFrames(bytes, position, end)
      if (direct > position) return direct
    }
    while (position < end && this.#headerLength < HEADER_LENGTH) {
      this.#header[this.#headerLength++] = bytes[position++] ?? 0
    }
    if (this.#headerLength < HEADER_LENGTH) return position
    this.#headerLength = 0
    const header = this.#header
    const type = header[0] ?? 0
    if (type > SYSTEM_ERROR || header[1] || header[2] || header[3]) {
      this.#refuseHeader()
      return position
    }
    this.#sniffed = true
    this.#frameLeft = ((header[4] ?? 0) * 0x1000000) + (((header[5] ?? 0) << 16) | ((header[6] ?? 0) << 8) | (header[7] ?? 0))
    this.#isError = type === SYSTEM_ERROR
    this.#stream = type === 2 ? 1 : 0
    if (this.#frameLeft > 0) this.#beginEntry()
    return position
  }

  /** Some engines send no frames whatever they say of the terminal: a stream that never had a frame is read as it is. */
  #refuseHeader(): void {
    if (this.#sniffed) throw new NaruError('internal', 'log stream is out of step: no frame where one must begin')
    this.#sniffed = true
    this.#becomeRaw()
    const head = this.#header.slice()
    this.write(head)
  }

  /** Whole frames with exactly one newline, at their end, on a stream without an open line. Returns where it stopped. */
  #directFrames(bytes: Uint8Array, from: number, end: number): number {
    let at = from
    while (end - at > HEADER_LENGTH) {
      const type = bytes[at] ?? 9
      if (type > 2 || bytes[at + 1] || bytes[at + 2] || bytes[at + 3] || bytes[at + 4]) break
      const size = ((bytes[at + 5] ?? 0) << 16) | ((bytes[at + 6] ?? 0) << 8) | (bytes[at + 7] ?? 0)
      const start = at + HEADER_LENGTH
      const next = start + size
      if (size === 0 || next > end) break
      const stream = type === 2 ? 1 : 0
      if (this.#lines[stream].open || bytes[next - 1] !== NEWLINE || bytes.indexOf(NEWLINE, start) !== next - 1) break
      const reader = this.#reader
      const stampLength = this.#timestamps ? reader.read(bytes, start, next - 1) : 0
      this.#sink.line(
        bytes,
        start + stampLength,
        next - 1,
        stampLength ? reader.seconds : Number.NaN,
        stampLength ? reader.nanos : 0,
        stream ? LOG_STDERR : 0,
      )
      this.#sniffed = true
      at = next
    }
    return at
  }

  /** Whole stamped lines of a tty, short enough to be one entry. Returns where it stopped. */
  #directLines(bytes: Uint8Array, from: number, end: number): number {
    let at = from
    const reader = this.#reader
    while (at < end && !this.#lines[0].open) {
      const newline = bytes.indexOf(NEWLINE, at)
      if (newline < 0 || newline - at > ENTRY_LENGTH) break
      const length = reader.read(bytes, at, newline)
      if (length === 0) break
      let to = newline
      while (to > at + length && bytes[to - 1] === RETURN) to--
      this.#sink.line(bytes, at + length, to, reader.seconds, reader.nanos, 0)
      at = newline + 1
    }
    return at
  }

  // ---- timestamps -----------------------------------------------------------------------------------------------

  #beginEntry(): void {
    this.#stampLength = 0
    this.#seconds = Number.NaN
    this.#nanos = 0
    this.#phase = this.#timestamps && !this.#isError ? PHASE.stamp : PHASE.body
  }

  #readStamp(bytes: Uint8Array, from: number, end: number): number {
    const at = this.#tty && this.#stampLength === 0 ? this.#directLines(bytes, from, end) : from
    const stop = Math.min(end, at + this.#frameLeft)
    let position = at
    let complete = false
    while (position < stop && !complete) {
      const byte = bytes[position] ?? 0
      if (byte === NEWLINE) {
        complete = true
        break
      }
      this.#stamp[this.#stampLength++] = byte
      position++
      complete = byte === SPACE || this.#stampLength === STAMP_MAX
    }
    this.#frameLeft -= position - at
    if (complete || this.#frameLeft === 0) this.#stampDone(this.#frameLeft === 0)
    return position
  }

  /** What may be a stamp is complete: decides whether it is one and what line the entry belongs to. */
  #stampDone(frameOver: boolean): void {
    const line = this.#lines[this.#stream]
    const reader = this.#reader
    const length = reader.read(this.#stamp, 0, this.#stampLength)
    if (length > 0) {
      this.#seconds = reader.seconds
      this.#nanos = reader.nanos
    }
    const continues = line.open && (length === 0 || this.#continues(line))
    if (line.open && !continues) this.#finish(this.#stream, LOG_PARTIAL)
    if (!continues) {
      this.#open()
      line.stamp.set(this.#stamp.subarray(0, length))
      line.stampLength = length
      line.fraction = reader.fraction
    }
    line.entryBytes = 0
    this.#phase = PHASE.body
    if (length < this.#stampLength) this.#append(line, this.#stamp, length, this.#stampLength)
    this.#stampLength = 0
    if (frameOver) this.#phase = PHASE.header
  }

  #continues(line: OpenLine): boolean {
    if (this.#tty) return this.#stampLength === line.stampLength && this.#sameStampBytes(line)
    if (this.#seconds === line.seconds && this.#nanos === line.nanos) return true
    // Podman cuts stamps to whole seconds and gives each entry its own.
    return !line.fraction && !this.#reader.fraction && Math.abs(this.#seconds - line.seconds) <= 1
  }

  #sameStampBytes(line: OpenLine): boolean {
    for (let at = 0; at < line.stampLength; at++) {
      if (line.stamp[at] !== this.#stamp[at]) return false
    }
    return line.stampLength > 0
  }

  // ---- text -----------------------------------------------------------------------------------------------------

  #open(): void {
    const line = this.#lines[this.#stream]
    line.begin()
    line.seconds = this.#seconds
    line.nanos = this.#nanos
  }

  #append(line: OpenLine, bytes: Uint8Array, from: number, to: number): void {
    line.text.append(bytes, from, to)
    line.entryBytes += to - from
  }

  #readBody(bytes: Uint8Array, at: number, end: number): number {
    let stop = Math.min(end, at + this.#frameLeft)
    if (this.#isError) return this.#readError(bytes, at, stop)
    const line = this.#lines[this.#stream]
    const splits = this.#tty && this.#timestamps && line.open
    if (splits) stop = Math.min(stop, at + ENTRY_LENGTH - line.entryBytes + 1)
    const newline = bytes.subarray(at, stop).indexOf(NEWLINE)
    const to = newline < 0 ? stop : at + newline
    if (splits && newline < 0 && line.entryBytes + (to - at) > ENTRY_LENGTH) {
      // The entry is full and no newline follows: a continuation with its own stamp may.
      const cut = at + ENTRY_LENGTH - line.entryBytes
      this.#append(line, bytes, at, cut)
      this.#phase = PHASE.stamp
      this.#stampLength = 0
      return cut
    }
    if (!line.open) this.#open()
    this.#append(line, bytes, at, to)
    let next = to
    if (newline >= 0) {
      this.#finish(this.#stream, 0)
      next++
    }
    this.#frameLeft -= next - at
    if (this.#frameLeft === 0) this.#phase = PHASE.header
    else if (newline >= 0 && this.#tty) this.#beginEntry()
    return next
  }

  #finish(stream: 0 | 1, extra: number): void {
    const line = this.#lines[stream]
    line.open = false
    let length = line.text.length
    if (this.#tty) while (length > 0 && line.text.bytes[length - 1] === RETURN) length--
    const flags = extra | (stream ? LOG_STDERR : 0) | (line.text.cut ? LOG_CUT : 0)
    this.#sink.line(line.text.bytes, 0, length, line.seconds, line.nanos, flags)
    line.text.clear()
  }

  // ---- the daemon's own errors ----------------------------------------------------------------------------------

  #readError(bytes: Uint8Array, at: number, stop: number): number {
    for (let position = at; position < stop && this.#systemError.length < 4096; position++) {
      this.#systemError += String.fromCharCode(bytes[position] ?? 0)
    }
    this.#frameLeft -= stop - at
    if (this.#frameLeft === 0) this.#throwSystemError()
    return stop
  }

  #throwSystemError(): never {
    const detail = this.#systemError.trim()
    this.#systemError = ''
    this.#phase = PHASE.header
    this.#isError = false
    throw new NaruError('internal', 'the engine reported an error inside the log stream', { detail, retryable: true })
  }
}
