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
  /** Present while a filter is set. */
  readonly filter?: LogFilterState
  /** All lines as rows with stack traces folded. */
  readonly folds?: LogFoldState
}

/** Rows with stack traces folded into their first lines. Numbers of rows change when a group is opened or folded. */
export interface LogFoldState {
  /** Oldest row whose line is still held. */
  readonly firstRow: number
  /** One past the newest row. */
  readonly endRow: number
  /** Lines that are folded away. */
  readonly folded: number
}

/** How serious a line is; from least to most, `unknown` when nothing tells (engine/logs/level.ts). */
export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'unknown'

/** Text or pattern a line has or has not, as in a search. */
export interface LogTerm {
  readonly query: string
  readonly regex: boolean
  readonly caseSensitive: boolean
  /** Only where no letter, digit or underscore stands beside it; anywhere unless told. */
  readonly word?: boolean | undefined
}

/** What a line can be found by again for as long as the engine keeps it. */
export interface LogLineMark {
  /** Index into the view's containers. */
  readonly source: number
  /** Milliseconds since 1970, as in `LogWindow.times`: doubles come out of the engine's nanoseconds always the same. */
  readonly time: number
  /** Place among the container's lines of exactly that time, from 0. */
  readonly nth: number
}

/** A container of a view as a saved log names it. */
export interface LogContainerName {
  readonly id: string
  readonly name: string
}

/** A filter and a search under a name, as a person typed them. Without a range of time: that is of one log. */
export interface SavedLogSearch {
  /** Unique among them. */
  readonly name: string
  /** Text, or patterns between slashes. */
  readonly include: readonly string[]
  readonly exclude: readonly string[]
  readonly levels: readonly LogLevel[]
  readonly stream: LogFilter['stream']
  readonly context: number
  readonly word: boolean
  /** Fields that stand in columns before the lines; none unless told. */
  readonly columns?: readonly string[] | undefined
  readonly search: LogTerm
}

/** Which lines of a view are rows: those that pass everything named here. Gaps always do. */
export interface LogFilter {
  /** Every one of them must be in the line; at most 20. */
  readonly include: readonly LogTerm[]
  /** None of them may be; at most 20. */
  readonly exclude: readonly LogTerm[]
  /** Empty: all. Lines that go on with one before (a stack trace) have its level. */
  readonly levels: readonly LogLevel[]
  readonly stream: 'all' | 'stdout' | 'stderr'
  /** Indexes into the view's containers; empty: all. */
  readonly sources: readonly number[]
  /** Lines shown before and after each that passes, 0…100. */
  readonly context: number
  /** Earlier lines are left out ("clear view"). */
  readonly fromLine: number
  /** Milliseconds since 1970: lines of that moment and later; null = from the beginning. */
  readonly since: number | null
  /** Lines before that moment; null = to the end. A line without a time is in no range. */
  readonly until: number | null
}

/** Lines by time and level. The present one counts: each item stands for itself. */
export interface LogHistogram {
  /** Where the first bar begins, milliseconds since 1970. */
  readonly start: number
  /** Milliseconds one bar covers; 0 when nothing is counted. */
  readonly width: number
  /** For each bar a count for each of LOG_LEVELS. */
  readonly counts: Uint32Array
  /** Where what was counted begins and ends, in bars or out of them. */
  readonly first: number
  readonly last: number
  /** Share of the held lines counted, 0..1. */
  readonly scanned: number
}

/** How far a filter is. Rows are numbered from 0 and keep their numbers. */
export interface LogFilterState {
  /** Of the filter these rows are of. */
  readonly id: number
  /** Oldest row whose line is still held. */
  readonly firstRow: number
  /** One past the newest row. */
  readonly endRow: number
  /** Rows that pass; the others are their surroundings. */
  readonly passed: number
  /** Share of the held lines looked at, 0..1. */
  readonly scanned: number
  /** Its rows with stack traces folded. */
  readonly folds?: LogFoldState
  /** A pattern that took too long ended it. */
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
/** The line does not pass the filter: it stands near one that does. */
export const LOG_CONTEXT = 16
/** The line goes on with one before: it is inside a stack trace. */
export const LOG_INSIDE = 32
/** The first line of a stack trace that was opened. */
export const LOG_UNFOLDED = 64

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
  /** Line number of each row when rows of a filter were asked for; `from` is the number of the first row then. */
  readonly lines?: Uint32Array
  /** Lines of the stack trace each row begins, folded away or opened below it; of folded rows alone. */
  readonly folds?: Uint32Array
}

/** Found places of a search; several items arrive while the scan runs, each adding to the ones before. */
export interface LogMatches {
  /** Line numbers, ascending; at most 100 000 in total (`total` goes on counting). */
  readonly lines: Uint32Array
  /** Those of `lines` that have a found line folded away inside them; of folded rows alone. */
  readonly inside?: Uint32Array
  readonly total: number
  /** Share of the held lines scanned so far, 0..1. */
  readonly scanned: number
  readonly done: boolean
}
