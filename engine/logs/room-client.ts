/** The service's side of the log worker: calls with answers, bytes with credit, and what the worker tells by itself. */
import { Worker } from 'node:worker_threads'
import { NaruError, fromEnvelope } from '../contract/errors.ts'
import type { FromRoom, RoomCallName, RoomCalls, ToRoom } from './protocol.ts'
import type { RoomWorkerData } from './worker.ts'

/** The worker answers everything but a pattern at once; this is for a worker that hangs. */
const CALL_LIMIT_MS = 30_000

/** A place that takes ToRoom messages: the worker, or a room in the same thread (tests). */
export interface RoomPort {
  readonly post: (message: ToRoom, transfer?: readonly ArrayBuffer[]) => void
  readonly listen: (onMessage: (message: FromRoom) => void, onEnd: (reason: NaruError) => void) => void
  readonly close: () => Promise<void>
}

/** What the room tells without being asked. */
export type RoomNews = Exclude<FromRoom, { type: 'reply' } | { type: 'refused' }>

export class RoomClient {
  readonly #port: RoomPort
  readonly #waiting = new Map<number, { resolve: (value: never) => void; reject: (error: NaruError) => void }>()
  #nextId = 1
  #ended: NaruError | null = null

  /** `onEnd` is called once, when the worker is gone; every call then fails. */
  constructor(port: RoomPort, onNews: (news: RoomNews) => void, onEnd: (reason: NaruError) => void) {
    this.#port = port
    port.listen(
      (message) => {
        if (message.type !== 'reply' && message.type !== 'refused') {
          onNews(message)
          return
        }
        const waiting = this.#waiting.get(message.id)
        this.#waiting.delete(message.id)
        if (message.type === 'reply') waiting?.resolve(message.value as never)
        else waiting?.reject(fromEnvelope(message.error))
      },
      (reason) => {
        if (this.#ended) return
        this.#ended = reason
        for (const waiting of this.#waiting.values()) waiting.reject(reason)
        this.#waiting.clear()
        onEnd(reason)
      },
    )
  }

  get ended(): boolean {
    return this.#ended !== null
  }

  /** Asks the room. Fails with what the room refused with, `timeout`, or the reason the worker ended. */
  call<N extends RoomCallName>(name: N, arg: RoomCalls[N]['arg']): Promise<RoomCalls[N]['result']> {
    if (this.#ended) return Promise.reject(this.#ended)
    const id = this.#nextId++
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(id)
        reject(new NaruError('timeout', `the log worker did not answer ${name}`))
      }, CALL_LIMIT_MS)
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

  /** Gives bytes of a source to the room; `bytes` is transferred and gone. */
  data(view: string, source: number, bytes: Uint8Array<ArrayBuffer>, length: number): void {
    if (!this.#ended) this.#port.post({ type: 'data', view, source, bytes, length }, [bytes.buffer])
  }

  close(): Promise<void> {
    return this.#port.close()
  }
}

/** Starts the log worker. `workerPath`: the bundle of engine/logs/worker.ts. */
export function workerPort(workerPath: string): RoomPort {
  const workerData: RoomWorkerData = { role: 'room', workerPath }
  const worker = new Worker(workerPath, { workerData, name: 'naru-logs' })
  worker.unref()
  return {
    post: (message, transfer) => worker.postMessage(message, transfer),
    listen: (onMessage, onEnd) => {
      worker.on('message', onMessage)
      const end = (detail: string) => onEnd(new NaruError('internal', 'the log worker ended', { detail }))
      worker.on('error', (error) => end(error instanceof Error ? (error.stack ?? error.message) : String(error)))
      worker.on('exit', (code) => end(`exit code ${code}`))
    },
    close: async () => {
      await worker.terminate()
    },
  }
}
