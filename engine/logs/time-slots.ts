/**
 * Counts of lines by time and level: slots of equal width, only those in which something happened, so that one line of
 * last year costs one slot. Grows coarser when there are too many: memory is bounded whatever the log. Pure.
 */
import type { LogHistogram } from '../contract/models.ts'
import { LOG_LEVELS } from './level.ts'

/** Slots kept at most; a shown bar is made of some of them. */
export const SLOTS_MAX = 4_096

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
/** Widths of slots, ms: each a multiple of the one before. Days are doubled behind the last. */
const KEPT = [1, 5, 10, 50, 100, 500, SECOND, 5 * SECOND, 15 * SECOND, 30 * SECOND, MINUTE, 5 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY]
/** Widths of bars a person reads easily, ms. */
const SHOWN = [1, 2, 5, 10, 20, 50, 100, 200, 500, SECOND, 2 * SECOND, 5 * SECOND, 10 * SECOND, 15 * SECOND, 30 * SECOND, MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY]

const LEVELS = LOG_LEVELS.length
/** A slot: a count for each level, then the newest line in it. */
type Slot = Float64Array<ArrayBuffer>

const wider = (width: number): number => KEPT.find((kept) => kept > width) ?? width * 2

export class TimeSlots {
  #width = KEPT[0] as number
  #slots = new Map<number, Slot>()
  #lastKey = Number.NaN
  #lastSlot: Slot | null = null

  /** Milliseconds one slot covers. */
  get width(): number {
    return this.#width
  }

  get size(): number {
    return this.#slots.size
  }

  /** @param time milliseconds since 1970; a line without one is in no slot. @param level place in LOG_LEVELS. */
  add(time: number, level: number, line: number): void {
    if (Number.isNaN(time)) return
    const key = Math.floor(time / this.#width)
    const slot = key === this.#lastKey && this.#lastSlot ? this.#lastSlot : this.#slot(key)
    slot[level] = (slot[level] as number) + 1
    if (line > (slot[LEVELS] as number)) slot[LEVELS] = line
    if (this.#slots.size > SLOTS_MAX) this.#widen()
  }

  /** Forgets the slots whose lines are all before `line`; of one that is half dropped all lines stay counted. */
  dropBefore(line: number): void {
    for (const [key, slot] of this.#slots) if ((slot[LEVELS] as number) < line) this.#slots.delete(key)
    this.#lastSlot = null
  }

  /** Bars of `[since, until]` (null: of everything), at most `most`, each of a width a person reads easily. */
  bars(since: number | null, until: number | null, most: number): Omit<LogHistogram, 'scanned'> {
    const keys = [...this.#slots.keys()]
    if (keys.length === 0) return { start: 0, width: 0, counts: new Uint32Array(0), first: 0, last: 0 }
    const first = keys.reduce((low, key) => Math.min(low, key)) * this.#width
    const last = (keys.reduce((high, key) => Math.max(high, key)) + 1) * this.#width
    const from = since ?? first
    const to = Math.max(from + 1, until ?? last)
    const width = this.#shownWidth(to - from, most)
    const start = Math.floor(from / width) * width
    const counts = new Uint32Array(Math.ceil((to - start) / width) * LEVELS)
    for (const [key, slot] of this.#slots) {
      const at = Math.floor((key * this.#width - start) / width) * LEVELS
      if (at < 0 || at >= counts.length) continue
      for (let level = 0; level < LEVELS; level++) counts[at + level] = (counts[at + level] as number) + (slot[level] as number)
    }
    return { start, width, counts, first, last }
  }

  #slot(key: number): Slot {
    const slot = this.#slots.get(key) ?? new Float64Array(LEVELS + 1)
    this.#slots.set(key, slot)
    this.#lastKey = key
    this.#lastSlot = slot
    return slot
  }

  #widen(): void {
    const width = wider(this.#width)
    const factor = width / this.#width
    const slots = new Map<number, Slot>()
    for (const [key, slot] of this.#slots) {
      const into = slots.get(Math.floor(key / factor))
      if (!into) slots.set(Math.floor(key / factor), slot)
      else {
        for (let level = 0; level < LEVELS; level++) into[level] = (into[level] as number) + (slot[level] as number)
        into[LEVELS] = Math.max(into[LEVELS] as number, slot[LEVELS] as number)
      }
    }
    this.#width = width
    this.#slots = slots
    this.#lastSlot = null
  }

  /** One bar may be cut by each edge of the span: hence the one less. */
  #shownWidth(span: number, most: number): number {
    const fits = (width: number): boolean => width % this.#width === 0 && span / width <= most - 1
    let width = SHOWN.find(fits) ?? Math.max(DAY, this.#width)
    while (!fits(width)) width *= 2
    return width
  }
}
