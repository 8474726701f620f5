/** Views of logs: opened by a method, watched and searched by streams. */
import type { LogContainerName, LogFilter, LogHistogram, LogLineMark, LogMatches, LogTerm, LogViewState, LogWindow } from '../models.ts'
import type { MethodRule, Nothing, OfEngine, StreamRule } from './rules.ts'

/** Numbers are those of the rows of this filter of the view; without it, those of its lines. */
interface InFilter {
  readonly filterId?: number
}

/** Numbers are those of the rows with stack traces folded. */
interface Folded {
  readonly folded?: boolean
}

export interface LogMethods {
  /**
   * Opens a view of one or several containers' logs; close it with `logs.close`. A view lives until its peer goes. It
   * begins with the newest `tail` lines, or, when `since` (milliseconds since 1970) is given, with what was printed then.
   */
  'logs.open': {
    arg: OfEngine & { readonly containerIds: readonly string[]; readonly tail: number; readonly since?: number }
    result: { readonly viewId: string }
  }
  /** Containers whose logs, from their first line on, are merged into an open view; they follow those it has. */
  'logs.join': { arg: { readonly viewId: string; readonly containerIds: readonly string[] }; result: Nothing }
  'logs.close': { arg: { readonly viewId: string }; result: Nothing }
  /**
   * At most 2 000 lines and about 4 MiB of text (ask again for the rest); fewer when the view holds fewer. Lines dropped
   * since are left out (`from` says).
   */
  'logs.window': {
    arg: InFilter & Folded & { readonly viewId: string; readonly from: number; readonly count: number }
    result: LogWindow
  }
  /**
   * Sets the view's filter (one at a time; null takes it away). Its rows are counted in the view's state as they are
   * found, those of new lines included. Fails with `invalid-request`, hint `pattern`, for what is no pattern.
   */
  'logs.filter': {
    arg: { readonly viewId: string; readonly filter: LogFilter | null }
    result: { readonly filterId: number }
  }
  /**
   * Where a time or a line is: the first row not before it (the last one when all are), its line, and the time of the
   * oldest line that is held, null when none is. `folded`: the line is folded into that row.
   */
  'logs.place': {
    arg: InFilter & Folded & { readonly viewId: string; readonly at: { readonly time: number } | { readonly line: number } }
    result: { readonly row: number; readonly line: number; readonly firstTime: number | null; readonly folded: boolean }
  }
  /**
   * Opens or folds the stack trace that a row (of the folded ones) begins or is inside of. The rows behind `row` moved
   * by `lines`, which is 0 when there was nothing to do.
   */
  'logs.fold': {
    arg: InFilter & { readonly viewId: string; readonly row: number; readonly open: boolean }
    result: { readonly row: number; readonly lines: number }
  }
  /** By what the line of a row can be found again; null when the row is gone or its time is not known. */
  'logs.mark': {
    arg: InFilter & Folded & { readonly viewId: string; readonly row: number }
    result: { readonly mark: LogLineMark | null }
  }
  /**
   * The line of a mark, null when the view does not hold it, and its row, null when the filter leaves it out (`folded`: it is
   * folded into that row). With the times of the oldest and newest line held, null while none is.
   */
  'logs.find': {
    arg: InFilter & Folded & { readonly viewId: string; readonly mark: LogLineMark }
    result: {
      readonly line: number | null
      readonly row: number | null
      readonly folded: boolean
      readonly firstTime: number | null
      readonly lastTime: number | null
    }
  }
}

export interface LogStreams {
  'logs.watch': { arg: { readonly viewId: string }; item: LogViewState }
  'logs.search': {
    arg: InFilter & Folded & LogTerm & { readonly viewId: string }
    item: LogMatches
  }
  /**
   * Lines by time and level while somebody looks: those that pass `filter` (null: all; its time range does not count),
   * in at most `bars` bars between `since` and `until` (null: everything). One at a time for each view.
   */
  'logs.histogram': {
    arg: {
      readonly viewId: string
      readonly filter: LogFilter | null
      readonly since: number | null
      readonly until: number | null
      readonly bars: number
    }
    item: LogHistogram
  }
  /**
   * The view's lines as printed, for saving: UTF-8 chunks with newlines. Pauses when the reader does. With `json` (the
   * view's containers in its order) each line is a JSON object, see engine/logs/export-json.ts; a chunk may end inside
   * of one then, and `timestamps` and `stripAnsi` do not count.
   */
  'logs.export': {
    arg: InFilter & {
      readonly viewId: string
      readonly timestamps: boolean
      readonly stripAnsi: boolean
      readonly json?: readonly LogContainerName[] | undefined
    }
    item: Uint8Array
  }
}

export const LOG_METHOD_RULES = {
  'logs.open': { mutates: false, limitMs: 15_000 },
  'logs.join': { mutates: false, limitMs: 15_000 },
  'logs.close': { mutates: false, limitMs: 5_000 },
  'logs.window': { mutates: false, limitMs: 5_000 },
  'logs.filter': { mutates: false, limitMs: 5_000 },
  'logs.place': { mutates: false, limitMs: 5_000 },
  'logs.fold': { mutates: false, limitMs: 5_000 },
  'logs.mark': { mutates: false, limitMs: 5_000 },
  'logs.find': { mutates: false, limitMs: 5_000 },
} as const satisfies { readonly [M in keyof LogMethods]: MethodRule }

export const LOG_STREAM_RULES = {
  'logs.watch': { noCredit: 'conflate', window: 4, unit: 'items' },
  'logs.search': { noCredit: 'pause', window: 64, unit: 'items' },
  'logs.histogram': { noCredit: 'conflate', window: 2, unit: 'items' },
  'logs.export': { noCredit: 'pause', window: 4 * 1024 * 1024, unit: 'bytes' },
} as const satisfies { readonly [S in keyof LogStreams]: StreamRule }
