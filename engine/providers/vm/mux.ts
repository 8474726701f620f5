/** Host end of the mux: opens streams to addresses in the guest, asks its agent. The guest cannot open anything here. */
import { randomBytes } from 'node:crypto'
import type { Duplex } from 'node:stream'
import { NaruError } from '../../contract/errors.ts'
import { CONTROL_STREAM, encodeFrame, FRAME, FrameError, FrameReader, RESYNC, SyncHunter } from './mux-frame.ts'
import type { Frame } from './mux-frame.ts'
import { MuxStream } from './mux-stream.ts'
import type { MuxLine } from './mux-stream.ts'

/**
 * `unix:/path`, `tcp:a.b.c.d:port` (an IPv6 address in brackets), `udp:` alike (datagrams.ts says how they travel), or
 * `log:name` (the newest part of one of the guest's logs).
 */
export type MuxTarget = `unix:${string}` | `${'tcp' | 'udp'}:${string}` | `log:${string}`

/** Longest control text, bytes. */
export const CONTROL_MAX = 4096
/** Streams at once; the agent holds as many. */
export const STREAMS_MAX = 512
const TARGET_MAX = 200

interface Question {
  readonly answer: (text: string) => void
  readonly fail: (error: NaruError) => void
}

export class Mux {
  /** Resolves with the reason when the line is gone; never rejects. */
  readonly closed: Promise<string>
  readonly #line: Duplex
  readonly #streams = new Map<number, MuxStream>()
  readonly #questions = new Map<number, Question>()
  readonly #streamLine: MuxLine
  readonly #reader: FrameReader
  #hunter: SyncHunter | null
  #onSynced: (() => void) | null = null
  #nextStream = 0
  #nextQuestion = 0
  #gone: string | null = null
  #tellClosed: (reason: string) => void = () => undefined

  private constructor(line: Duplex, nonce: Buffer) {
    this.#line = line
    this.#hunter = new SyncHunter(nonce)
    this.closed = new Promise((resolve) => {
      this.#tellClosed = resolve
    })
    this.#streamLine = { send: (frame) => this.#send(frame), over: (id) => this.#streams.delete(id) }
    this.#reader = new FrameReader((frame) => this.#accept(frame), () => this.close('the guest sent a spoilt frame'))
    line.on('data', (chunk: Buffer) => this.#read(chunk))
    line.on('drain', () => this.#streams.forEach((stream) => stream.drained()))
    line.on('error', (error) => this.close(error.message))
    line.on('close', () => this.close('the connection to the virtual machine was closed'))
  }

  /**
   * Brings both ends into step over a fresh connection: streams of an earlier host are dropped by the guest.
   * @throws NaruError `timeout` when the agent does not answer in `timeoutMs`, `engine.unreachable`, `cancelled`
   */
  static async attach(line: Duplex, options: { readonly timeoutMs: number; readonly signal?: AbortSignal }): Promise<Mux> {
    const nonce = randomBytes(8)
    const mux = new Mux(line, nonce)
    const { signal, timeoutMs } = options
    let timer: ReturnType<typeof setTimeout> | undefined
    let onAbort = (): void => undefined
    try {
      await new Promise<void>((resolve, reject) => {
        mux.#onSynced = resolve
        timer = setTimeout(() => reject(new NaruError('timeout', `the agent did not answer in ${timeoutMs} ms`)), timeoutMs)
        onAbort = () => reject(new NaruError('cancelled', 'cancelled'))
        if (signal?.aborted) onAbort()
        signal?.addEventListener('abort', onAbort, { once: true })
        void mux.closed.then((reason) => reject(new NaruError('engine.unreachable', reason)))
        mux.#send(RESYNC)
        mux.#send(encodeFrame(CONTROL_STREAM, FRAME.RST, nonce))
      })
      return mux
    } catch (error) {
      mux.close('never came into step')
      throw error
    } finally {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
    }
  }

  /** Streams that are open now. */
  get size(): number {
    return this.#streams.size
  }

  /**
   * A stream to `target` in the guest. It is there at once; an address nobody listens at ends it with an error later.
   * @throws NaruError `engine.unreachable` when the line is gone, `invalid-request` for a target that cannot be one
   */
  open(target: MuxTarget): MuxStream {
    if (this.#gone !== null) throw new NaruError('engine.unreachable', this.#gone)
    if (Buffer.byteLength(target) > TARGET_MAX || /[\0\n]/.test(target)) throw new NaruError('invalid-request', 'not an address in the guest')
    if (this.#streams.size >= STREAMS_MAX) throw new NaruError('engine.unreachable', 'too many connections to the virtual machine at once', { retryable: true })
    const stream = new MuxStream(this.#freeId(), this.#streamLine)
    this.#streams.set(stream.id, stream)
    this.#send(encodeFrame(stream.id, FRAME.OPEN, Buffer.from(target)))
    return stream
  }

  /**
   * Asks the agent; its answer without the leading number.
   * @throws NaruError `timeout`, `engine.unreachable`
   */
  ask(text: string, timeoutMs = 5_000): Promise<string> {
    if (this.#gone !== null) return Promise.reject(new NaruError('engine.unreachable', this.#gone))
    const number = (this.#nextQuestion = (this.#nextQuestion + 1) % 0x1_0000_0000)
    return new Promise((resolve, reject) => {
      const settle = (act: () => void): void => {
        clearTimeout(timer)
        this.#questions.delete(number)
        act()
      }
      const late = (): NaruError => new NaruError('timeout', `the agent did not answer "${text.split(' ')[0] ?? ''}" in ${timeoutMs} ms`)
      const timer = setTimeout(() => settle(() => reject(late())), timeoutMs)
      this.#questions.set(number, { answer: (reply) => settle(() => resolve(reply)), fail: (error) => settle(() => reject(error)) })
      this.#send(encodeFrame(CONTROL_STREAM, FRAME.DATA, Buffer.from(`${number} ${text}`.slice(0, CONTROL_MAX))))
    })
  }

  /** Lets go of the line; every stream ends with an error. */
  close(reason = 'closed'): void {
    if (this.#gone !== null) return
    this.#gone = reason
    this.#line.destroy()
    const error = (): NaruError => new NaruError('engine.unreachable', reason)
    for (const stream of [...this.#streams.values()]) stream.cut(error())
    for (const question of [...this.#questions.values()]) question.fail(error())
    this.#tellClosed(reason)
  }

  #freeId(): number {
    do this.#nextStream = (this.#nextStream % 0xffff_fffe) + 1
    while (this.#streams.has(this.#nextStream))
    return this.#nextStream
  }

  #send(frame: Buffer): boolean {
    return this.#gone !== null || this.#line.write(frame)
  }

  #read(chunk: Buffer): void {
    if (this.#gone !== null) return
    let bytes: Buffer | null = chunk
    if (this.#hunter) {
      bytes = this.#hunter.push(chunk)
      if (bytes === null) return
      this.#hunter = null
      this.#onSynced?.()
    }
    try {
      this.#reader.push(bytes)
    } catch (error) {
      if (!(error instanceof FrameError)) throw error
      this.close(error.message)
    }
  }

  #accept({ stream: id, type, payload }: Frame): void {
    if (this.#gone !== null) return
    if (id === CONTROL_STREAM) return this.#answer(type === FRAME.DATA ? payload : null)
    const stream = this.#streams.get(id)
    // Frames of a stream that just ended here are still on the way; an OPEN is never the guest's to send.
    if (!stream) return
    if (type === FRAME.DATA && !stream.accept(payload)) {
      this.#send(encodeFrame(id, FRAME.RST))
      stream.cut(new NaruError('internal', 'the guest sent more than it was allowed'))
    } else if (type === FRAME.FIN) stream.acceptEnd()
    else if (type === FRAME.RST) stream.cut(new NaruError('engine.unreachable', 'the connection was reset in the guest'))
    else if (type === FRAME.WIN && payload.length === 4) stream.acceptCredit(payload.readUInt32LE(0))
  }

  #answer(payload: Buffer | null): void {
    const match = /^(\d{1,10}) ?([^]*)$/.exec(payload?.toString('utf8') ?? '')
    if (match) this.#questions.get(Number(match[1]))?.answer(match[2] ?? '')
  }
}
