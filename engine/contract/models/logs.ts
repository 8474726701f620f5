import type { ErrorEnvelope } from '../errors.ts'

/** State of a log view: how many lines it holds and whether more come. Conflated: only the newest matters. */
export interface LogViewState {
  readonly viewId: string
  /** Number of the oldest line still held; grows when old lines are dropped at the cap. */
  readonly firstLine: number
  /** One past the newest line. `endLine - firstLine` lines can be asked for. */
  readonly endLine: number
  readonly bytes: number
  /** Lines dropped at the cap since the view was opened (a visible gap at the top). */
  readonly droppedLines: number
  /** Lines the engine may still have before `firstLine` (the view began at a tail). */
  readonly moreBefore: boolean
  /** `loading` first page; `following`; `ended` = container is not running; `reconnecting`; `failed` (see error). */
  readonly status: 'loading' | 'following' | 'ended' | 'reconnecting' | 'failed'
  readonly error?: ErrorEnvelope
}

/** Bits of `LogWindow.flags`. */
export const LOG_STDERR = 1
/** The line was longer than 1 MiB and was cut. */
export const LOG_CUT = 2
/** The line stands for a hole: its text is the number of missing lines in decimal. */
export const LOG_GAP = 4
/** The last line has not ended yet (no newline so far). */
export const LOG_PARTIAL = 8

/** Lines `[from, from + flags.length)` of a view. Text stays bytes until the row is painted. */
export interface LogWindow {
  readonly from: number
  /** UTF-8 of all lines one after another, without newlines. */
  readonly text: Uint8Array
  /** End offset of each line in `text`. */
  readonly ends: Uint32Array
  /** Milliseconds since 1970 of each line; NaN when the engine told none. */
  readonly times: Float64Array
  readonly flags: Uint8Array
  /** Index into the view's containers each line came from; absent while all lines are of the first. */
  readonly sources?: Uint8Array
}

/** Found places of a search; several items arrive while the scan runs, each adding to the ones before. */
export interface LogMatches {
  /** Line numbers, ascending; at most 100 000 in total (`total` goes on counting). */
  readonly lines: Uint32Array
  readonly total: number
  /** Share of the held lines scanned so far, 0..1. */
  readonly scanned: number
  readonly done: boolean
}
