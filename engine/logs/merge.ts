/** Merges the lines of several containers by time, as a k-way merge that never waits long for a silent one. */
import { PendingLines } from './pending.ts'

/** How long a source that had something a moment ago may hold back the others, milliseconds. */
const HOLD_MS = 200
/** The same while a source has not answered its first request yet: history should come out in order. */
const LOADING_HOLD_MS = 2_000

export type MergeTake = (
  source: number,
  bytes: Uint8Array,
  from: number,
  to: number,
  time: number,
  flags: number,
) => void

interface Source {
  readonly pending: PendingLines
  /** While nothing of it waits, the others are held back until then. */
  holdUntil: number
}

export class LogMerge {
  readonly #sources: Source[]
  readonly #take: MergeTake

  constructor(count: number, take: MergeTake) {
    this.#sources = Array.from({ length: count }, () => ({ pending: new PendingLines(), holdUntil: 0 }))
    this.#take = take
  }

  /** One more source, behind those it has. */
  add(): void {
    this.#sources.push({ pending: new PendingLines(), holdUntil: 0 })
  }

  /** A request for this source's lines begins. */
  begin(source: number, now: number): void {
    this.#of(source).holdUntil = now + LOADING_HOLD_MS
  }

  push(source: number, bytes: Uint8Array, from: number, to: number, time: number, flags: number): void {
    this.#of(source).pending.push(bytes, from, to, time, flags)
  }

  /** Bytes of this source came; call after its lines were pushed. */
  touch(source: number, now: number): void {
    this.#of(source).holdUntil = now + HOLD_MS
  }

  /** Nothing more comes from this source for now. */
  end(source: number): void {
    this.#of(source).holdUntil = 0
  }

  waitingBytes(source: number): number {
    return this.#of(source).pending.bytes
  }

  /** Hands out what is certain to be in order; returns when to try again (milliseconds), or null when nothing waits. */
  drain(now: number): number | null {
    for (;;) {
      let best = -1
      let bestTime = Number.POSITIVE_INFINITY
      let bound = Number.POSITIVE_INFINITY
      let hold = 0
      for (let index = 0; index < this.#sources.length; index++) {
        const { pending, holdUntil } = this.#of(index)
        if (pending.empty) {
          if (holdUntil > now && (hold === 0 || holdUntil < hold)) hold = holdUntil
        } else if (best < 0 || pending.time < bestTime) {
          bound = bestTime
          bestTime = pending.time
          best = index
        } else if (pending.time < bound) bound = pending.time
      }
      if (best < 0) return null
      if (hold > 0) return hold
      this.#run(best, bound)
    }
  }

  /** All lines of one source that are not newer than the oldest of any other. */
  #run(index: number, bound: number): void {
    const { pending } = this.#of(index)
    do {
      pending.shift((bytes, from, to, time, flags) => this.#take(index, bytes, from, to, time, flags))
    } while (!pending.empty && pending.time <= bound)
  }

  #of(source: number): Source {
    return this.#sources[source] as Source
  }
}
