/**
 * Rows with stack traces folded into their first line, over all lines of a store or over the rows of a filter. A row is
 * folded when the first line of its group is a row as well; a found line inside a trace whose beginning does not pass
 * stands by itself. Rows are numbered without the folded ones, so a group that is opened or folded moves those behind.
 */
import type { LogFoldState, LogWindow } from '../contract/models.ts'
import { LOG_CONTEXT, LOG_INSIDE, LOG_UNFOLDED } from '../contract/models.ts'
import { FoldRows } from './fold-rows.ts'
import { gatherLines } from './gather.ts'
import { WINDOW_LINES } from './store.ts'
import type { LogStore } from './store.ts'
import type { TraceIndex } from './trace-index.ts'

/** Rows behind a first line among which those of its group are counted. */
const REACH = 4_096
/** Rows taken before the clock is looked at. */
const STEP = 1_024

/** What is folded: numbered rows, each with its line. A RowList is one. */
export interface RowsBelow {
  readonly first: number
  readonly end: number
  line(row: number): number
  rowAt(line: number): number
  isMarked(row: number): boolean
}

/** All lines of a store as rows: a row is its line. */
export const linesAsRows = (store: LogStore): RowsBelow => ({
  get first() {
    return store.firstLine
  },
  get end() {
    return store.endLine
  },
  line: (row) => row,
  rowAt: (line) => Math.min(Math.max(line, store.firstLine), store.endLine),
  isMarked: () => false,
})

/** A group that was opened or folded: rows behind `row` moved by `lines` (fewer: negative). */
export interface FoldChange {
  readonly row: number
  readonly lines: number
}

export class FoldIndex {
  readonly #store: LogStore
  readonly #traces: TraceIndex
  readonly #below: RowsBelow
  readonly #rows = new FoldRows()
  /** First lines of the groups that are open. */
  readonly #open = new Set<number>()
  /** Newest group of each container and output: the line that was placed last, its first line, whether that is a row that passes. */
  readonly #last = new Map<number, { line: number; head: number; row: number }>()
  #folded = 0

  constructor(store: LogStore, traces: TraceIndex, below: RowsBelow) {
    this.#store = store
    this.#traces = traces
    this.#below = below
  }

  /** Places new rows until `deadline` (of performance.now); true when all there are have their place. */
  run(deadline: number): boolean {
    this.#drop()
    for (let steps = 1; this.#rows.end < this.#below.end; steps++) {
      const row = this.#rows.end
      const line = this.#below.line(row)
      if (line >= this.#traces.end) return false
      if (!this.#traces.joins(line)) this.#rows.push(true, false)
      else this.#place(row, line)
      if (steps % STEP === 0 && performance.now() > deadline) return this.#rows.end >= this.#below.end
    }
    return true
  }

  figures(): LogFoldState {
    this.#drop()
    return { firstRow: this.#rows.standingFirst, endRow: this.#rows.standingEnd, folded: this.#folded }
  }

  /** Rows `[from, from + count)`; bounds are those of LogStore.window. `folds` counts the lines of each row's group. */
  window(from: number, count: number): LogWindow {
    this.#drop()
    const first = Math.max(from, this.#rows.standingFirst)
    const most = Math.max(0, Math.min(this.#rows.standingEnd, from + Math.min(count, WINDOW_LINES)) - first)
    const below = this.#standingFrom(first, most)
    const folds = this.#folds(below)
    const numbers = Uint32Array.from(below, (row) => this.#below.line(row))
    const marks = Uint8Array.from(below, (row, index) => this.#marksOf(row, numbers[index] as number))
    const found = gatherLines(this.#store, first, numbers, marks)
    return { ...found, folds: folds.subarray(0, found.ends.length) }
  }

  /** The row of a line, that of its group's first line while it is folded; -1 when it is none. */
  rowOf(line: number): { readonly row: number; readonly folded: boolean } {
    const below = this.#below.rowAt(line)
    if (below >= this.#rows.end || this.#below.line(below) !== line) return { row: -1, folded: false }
    if (this.#rows.isStanding(below)) return { row: this.#rows.rank(below), folded: false }
    const head = this.#rowOfHead(line)
    return head < 0 ? { row: -1, folded: false } : { row: this.#rows.rank(head), folded: true }
  }

  /** The line of a row; -1 when there is no such row. */
  lineOf(row: number): number {
    if (row < this.#rows.standingFirst || row >= this.#rows.standingEnd) return -1
    return this.#below.line(this.#rows.select(row))
  }

  /** The first row that is not before a line, or the one the line is folded into; the last one when all are before. */
  nearest(line: number): { readonly row: number; readonly folded: boolean } {
    const found = this.rowOf(line)
    if (found.row >= 0) return found
    const row = this.#rows.rank(Math.min(this.#below.rowAt(line), this.#rows.end))
    return { row: Math.min(row, Math.max(this.#rows.standingFirst, this.#rows.standingEnd - 1)), folded: false }
  }

  /** Opens or folds the group a row is of; null when it is of none, or is so already. */
  fold(row: number, open: boolean): FoldChange | null {
    const below = this.#rows.select(row)
    if (below >= this.#rows.end) return null
    const line = this.#below.line(below)
    const head = this.#rows.isMember(below) ? this.#rowOfHead(line) : below
    if (head < 0 || this.#open.has(this.#below.line(head)) === open) return null
    const members = this.#membersOf(head)
    if (members.length === 0) return null
    if (open) this.#open.add(this.#below.line(head))
    else this.#open.delete(this.#below.line(head))
    this.#rows.set(members, open)
    const lines = open ? members.length : -members.length
    this.#folded -= lines
    return { row: this.#rows.rank(head), lines }
  }

  #drop(): void {
    if (this.#below.first > this.#rows.end) this.#rows.skipTo(this.#below.first)
    this.#rows.dropBefore(this.#below.first)
  }

  /** A line inside a group. */
  #place(row: number, line: number): void {
    const key = this.#traces.keyOf(line)
    const last = this.#last.get(key)
    const head = this.#headFrom(key, line, last)
    const headRow = head < 0 ? -1 : last && last.head === head ? last.row : this.#rowOfLine(head)
    // What passes inside a group that is only there as surroundings stands, and so does what follows in it.
    const member = headRow >= 0 && (!this.#below.isMarked(headRow) || this.#below.isMarked(row))
    this.#last.set(key, { line, head, row: member ? headRow : -1 })
    const standing = !member || this.#open.has(head)
    if (!standing) this.#folded += 1
    this.#rows.push(standing, member)
  }

  /** Looks back no further than to the line of this stream that was placed last. */
  #headFrom(key: number, line: number, last: { readonly line: number; readonly head: number } | undefined): number {
    for (let at = line - 1; at >= this.#store.firstLine; at--) {
      if (last && at === last.line) return last.head
      if (this.#traces.keyOf(at) === key && !this.#traces.joins(at)) return at
    }
    return -1
  }

  #rowOfLine(line: number): number {
    const row = this.#below.rowAt(line)
    return row < this.#rows.end && this.#below.line(row) === line ? row : -1
  }

  #rowOfHead(line: number): number {
    const head = this.#traces.headOf(line)
    return head < 0 ? -1 : this.#rowOfLine(head)
  }

  #membersOf(head: number): number[] {
    const key = this.#traces.keyOf(this.#below.line(head))
    const members: number[] = []
    for (let row = head + 1, last = head; row < this.#rows.end && row - last < REACH; row++) {
      const line = this.#below.line(row)
      if (this.#traces.keyOf(line) !== key) continue
      if (!this.#traces.joins(line)) break
      if (this.#rows.isMember(row)) members.push(row)
      last = row
    }
    return members
  }

  /** Rows below of `count` standing ones. */
  #standingFrom(standing: number, count: number): number[] {
    const rows: number[] = []
    for (let row = this.#rows.select(standing); rows.length < count && row < this.#rows.end; row++) if (this.#rows.isStanding(row)) rows.push(row)
    return rows
  }

  /** Lines behind each row that are of its group, counted in one go. */
  #folds(below: readonly number[]): Uint32Array {
    const folds = new Uint32Array(below.length)
    const first = below[0]
    if (first === undefined) return folds
    const end = Math.min(this.#rows.end, (below.at(-1) as number) + REACH)
    /** Place in `below` of the newest first line of each stream. */
    const heads = new Map<number, number>()
    let place = 0
    for (let row = first; row < end; row++) {
      const behind = place >= below.length
      if (behind && heads.size === 0) break
      const key = this.#traces.keyOf(this.#below.line(row))
      const member = this.#rows.isMember(row)
      if (member) {
        const head = heads.get(key)
        if (head !== undefined) folds[head] = (folds[head] as number) + 1
      } else if (behind) heads.delete(key)
      else heads.set(key, place)
      if (!behind && below[place] === row) place += 1
    }
    return folds
  }

  #marksOf(row: number, line: number): number {
    const inside = this.#traces.joins(line) ? LOG_INSIDE : 0
    return (this.#below.isMarked(row) ? LOG_CONTEXT : 0) | inside | (this.#open.has(line) ? LOG_UNFOLDED : 0)
  }
}
