/**
 * Carries a source's bytes to the room: joins the small pieces an HTTP body comes in, and pauses the reader when the
 * room is behind. The pieces are copied once, because a piece shares its memory with its neighbours.
 */
import type { RoomClient } from './room-client.ts'

/** Bytes sent in one message: this part of the window, so that several are under way, and at least so much. */
const BATCH_SHARE = 1 / 16
const BATCH_MIN = 16 * 1024
/** Milliseconds a piece waits for others at most: messages, not bytes, are what costs. */
const GATHER_MS = 8
/** Bytes all sources of a view may have under way, and the least one source may. */
const VIEW_WINDOW = 4 * 1024 * 1024
const SOURCE_WINDOW_MIN = 128 * 1024
/** Spent buffers kept for reuse. */
const SPARE_MAX = 8

export class Feed {
  readonly #room: RoomClient
  readonly #view: string
  readonly #source: number
  readonly #window: number
  readonly #batchBytes: number
  readonly #spare: Uint8Array<ArrayBuffer>[] = []
  #batch: Uint8Array<ArrayBuffer> | null = null
  #batched = 0
  #underWay = 0
  #flushTimer: NodeJS.Timeout | null = null
  #resume: (() => void) | null = null
  #fault: Error | null = null

  constructor(room: RoomClient, view: string, source: number, sources: number) {
    this.#room = room
    this.#view = view
    this.#source = source
    this.#window = Math.max(SOURCE_WINDOW_MIN, Math.floor(VIEW_WINDOW / sources))
    this.#batchBytes = Math.max(BATCH_MIN, Math.floor(this.#window * BATCH_SHARE))
  }

  /** Takes a piece; null when more may come at once, else a promise for when the room has caught up. Throws a fault. */
  write(bytes: Uint8Array): Promise<void> | null {
    if (this.#fault) throw this.#fault
    for (let at = 0; at < bytes.length; ) {
      this.#batch ??= this.#spare.pop() ?? new Uint8Array(this.#batchBytes)
      const part = Math.min(bytes.length - at, this.#batchBytes - this.#batched)
      this.#batch.set(part === bytes.length ? bytes : bytes.subarray(at, at + part), this.#batched)
      this.#batched += part
      at += part
      if (this.#batched === this.#batchBytes) this.flush()
    }
    if (this.#batched > 0) this.#flushTimer ??= setTimeout(() => this.flush(), GATHER_MS)
    if (this.#underWay < this.#window) return null
    return new Promise((resolve) => {
      this.#resume = resolve
    })
  }

  /** Sends what was joined so far. */
  flush(): void {
    if (this.#flushTimer) clearTimeout(this.#flushTimer)
    this.#flushTimer = null
    const batch = this.#batch
    if (!batch || this.#batched === 0) return
    this.#underWay += this.#batched
    this.#batch = null
    const length = this.#batched
    this.#batched = 0
    this.#room.data(this.#view, this.#source, batch, length)
  }

  /** The room has taken this many bytes. */
  credit(bytes: number, spare?: Uint8Array<ArrayBuffer>): void {
    if (spare && this.#spare.length < SPARE_MAX) this.#spare.push(spare)
    this.#underWay -= bytes
    if (this.#underWay < this.#window / 2) this.#release()
  }

  /** The room could not read the stream: the next write throws. */
  fail(error: Error): void {
    this.#fault = error
    this.#release()
  }

  /** A new request begins. */
  reset(): void {
    this.#fault = null
  }

  /** Throws what went wrong with the bytes sent so far. */
  check(): void {
    if (this.#fault) throw this.#fault
  }

  #release(): void {
    this.#resume?.()
    this.#resume = null
  }
}
