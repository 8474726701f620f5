/** Output of a process without a terminal: frames of an eight-byte head (stream, length) and data, cut anywhere. */
import { NaruError } from '../contract/errors.ts'

const HEAD = 8
const STDERR = 2
/** Highest stream number engines use (3: the engine's own error). */
const MOST_STREAM = 3

export interface FrameSink {
  /** Only valid during the call. */
  readonly out: (bytes: Uint8Array) => void
  readonly error: (bytes: Uint8Array) => void
}

export class FrameReader {
  readonly #sink: FrameSink
  readonly #head = new Uint8Array(HEAD)
  #filled = 0
  #left = 0
  #stream = 0

  constructor(sink: FrameSink) {
    this.#sink = sink
  }

  /** @throws NaruError `engine.not-an-engine` where no frame begins that must */
  write(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length; ) {
      if (this.#left > 0) {
        const taken = Math.min(this.#left, chunk.length - at)
        const data = chunk.subarray(at, at + taken)
        if (this.#stream === STDERR || this.#stream === MOST_STREAM) this.#sink.error(data)
        else this.#sink.out(data)
        at += taken
        this.#left -= taken
        continue
      }
      this.#head[this.#filled++] = chunk[at++] ?? 0
      if (this.#filled < HEAD) continue
      this.#filled = 0
      const [stream = 0, a = 0, b = 0, c = 0] = this.#head
      if (stream > MOST_STREAM || (a | b | c) !== 0) throw new NaruError('engine.not-an-engine', 'the output of a program is out of step')
      this.#stream = stream
      this.#left = new DataView(this.#head.buffer).getUint32(4)
    }
  }
}
