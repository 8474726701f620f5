/** The service's side of the layer worker: calls with answers, and pieces of an export with a bound on those under way. */
import { Worker } from 'node:worker_threads'
import { NaruError, fromEnvelope } from '../contract/errors.ts'
import type { FromRoom, RoomCallName, RoomCalls, ToRoom } from './protocol.ts'

/** A place that takes ToRoom messages: the worker, or a room in the same thread (tests). */
export interface RoomPort {
  readonly post: (message: ToRoom, transfer?: readonly ArrayBuffer[]) => void
  readonly listen: (onMessage: (message: FromRoom) => void, onEnd: (reason: NaruError) => void) => void
  readonly close: () => Promise<void>
}

/** For a worker that hangs; a view of a million paths takes about a second. */
const CALL_LIMIT_MS = 60_000
/** Bytes of a piece, and pieces on their way: bounds what an export holds here. */
const PIECE_BYTES = 512 * 1024
const MOST_PIECES = 8

interface Waiting {
  readonly resolve: (value: never) => void
  readonly reject: (error: NaruError) => void
}

export class RoomClient {
  readonly #port: RoomPort
  readonly #waiting = new Map<number, Waiting>()
  readonly #feeds = new Map<number, PieceFeed>()
  #next = 1
  #ended: NaruError | null = null

  constructor(port: RoomPort) {
    this.#port = port
    port.listen(
      (message) => this.#receive(message),
      (reason) => {
        if (this.#ended) return
        this.#ended = reason
        for (const { reject } of this.#waiting.values()) reject(reason)
        for (const feed of this.#feeds.values()) feed.fail(reason)
        this.#waiting.clear()
      },
    )
  }

  get ended(): boolean {
    return this.#ended !== null
  }

  /** Asks the room. Fails with what the room refused with, `timeout`, or the reason the worker ended. */
  call<N extends RoomCallName>(name: N, arg: RoomCalls[N]['arg'], limitMs = CALL_LIMIT_MS): Promise<RoomCalls[N]['result']> {
    if (this.#ended) return Promise.reject(this.#ended)
    const id = this.#next++
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(id)
        reject(new NaruError('timeout', `the layer worker did not answer ${name}`))
      }, limitMs)
      this.#waiting.set(id, {
        resolve: (value) => {
          clearTimeout(timer)
          resolve(value)
        },
        reject: (error) => {
          clearTimeout(timer)
          reject(error)
        },
      })
      this.#port.post({ type: 'call', id, name, arg } as ToRoom)
    })
  }

  /** Opens a session that takes an export; close it with `finish` or `abort` and `closeFeed`. */
  async openFeed(): Promise<PieceFeed> {
    const session = this.#next++
    const feed = new PieceFeed(session, (bytes, length) => this.#port.post({ type: 'data', session, bytes, length }, [bytes.buffer]))
    this.#feeds.set(session, feed)
    await this.call('begin', { session })
    return feed
  }

  closeFeed(feed: PieceFeed): void {
    this.#feeds.delete(feed.session)
  }

  close(): Promise<void> {
    return this.#port.close()
  }

  #receive(message: FromRoom): void {
    if (message.type === 'took') return this.#feeds.get(message.session)?.took(message.spare)
    if (message.type === 'fault') return this.#feeds.get(message.session)?.fail(fromEnvelope(message.error))
    const waiting = this.#waiting.get(message.id)
    this.#waiting.delete(message.id)
    if (message.type === 'reply') waiting?.resolve(message.value as never)
    else waiting?.reject(fromEnvelope(message.error))
  }
}

/** Gathers small chunks into pieces and sends them; waits when too many are on their way. */
export class PieceFeed {
  readonly session: number
  readonly #send: (bytes: Uint8Array<ArrayBuffer>, length: number) => void
  readonly #spare: Uint8Array<ArrayBuffer>[] = []
  #current: Uint8Array<ArrayBuffer> | null = null
  #filled = 0
  #under = 0
  #failed: NaruError | null = null
  #wake: () => void = () => undefined

  constructor(session: number, send: (bytes: Uint8Array<ArrayBuffer>, length: number) => void) {
    this.session = session
    this.#send = send
  }

  /** @throws what the room found wrong with the export */
  async write(chunk: Uint8Array): Promise<void> {
    for (let at = 0; at < chunk.length; ) {
      this.#current ??= this.#spare.pop() ?? new Uint8Array(PIECE_BYTES)
      const taken = Math.min(PIECE_BYTES - this.#filled, chunk.length - at)
      this.#current.set(chunk.subarray(at, at + taken), this.#filled)
      this.#filled += taken
      at += taken
      if (this.#filled === PIECE_BYTES) await this.flush()
    }
  }

  /** Sends what is gathered. */
  async flush(): Promise<void> {
    while (this.#under >= MOST_PIECES && !this.#failed) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    if (this.#failed) throw this.#failed
    if (!this.#current || this.#filled === 0) return
    this.#under++
    this.#send(this.#current, this.#filled)
    this.#current = null
    this.#filled = 0
  }

  took(spare: Uint8Array<ArrayBuffer>): void {
    this.#under--
    this.#spare.push(spare)
    this.#wake()
  }

  fail(error: NaruError): void {
    this.#failed ??= error
    this.#wake()
  }
}

/** Starts the layer worker. `workerPath`: the bundle of engine/layers/worker.ts. */
export function workerPort(workerPath: string): RoomPort {
  const worker = new Worker(workerPath, { name: 'naru-layers' })
  worker.unref()
  return {
    post: (message, transfer) => worker.postMessage(message, transfer),
    listen: (onMessage, onEnd) => {
      worker.on('message', onMessage)
      const end = (detail: string) => onEnd(new NaruError('internal', 'the layer worker ended', { detail }))
      worker.on('error', (error) => end(error instanceof Error ? (error.stack ?? error.message) : String(error)))
      worker.on('exit', (code) => end(`exit code ${code}`))
    },
    close: async () => {
      await worker.terminate()
    },
  }
}
