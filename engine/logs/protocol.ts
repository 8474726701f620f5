/** What the log service and its worker say to each other. Bytes are transferred, not copied. */
import type { ErrorEnvelope } from '../contract/errors.ts'
import type { LogContainerName, LogFilter, LogFilterState, LogFoldState, LogHistogram, LogLineMark, LogMatches, LogWindow } from '../contract/models.ts'
import type { FoldChange } from './fold-index.ts'
import type { SearchQuery } from './match.ts'
import type { StoreFigures } from './store.ts'

interface OfView {
  readonly view: string
}
/** Numbers are rows of this filter of the view. */
interface InFilter extends OfView {
  readonly filterId?: number | undefined
}
/** …with stack traces folded. */
interface Folded {
  readonly folded?: boolean | undefined
}
interface OfSource extends OfView {
  readonly source: number
}

/** Requests that are answered. */
export interface RoomCalls {
  open: {
    arg: OfView & {
      readonly sources: number
      readonly folder: string
      readonly capBytes: number
      readonly memoryBytes?: number
    }
    result: null
  }
  /** One more container. */
  join: { arg: OfView; result: null }
  close: { arg: OfView; result: null }
  /** A request for a source's lines is about to be made. */
  begin: { arg: OfSource & { readonly tty: boolean }; result: { readonly since: string | null } }
  /** It is over; `flush` keeps a last line without newline. */
  end: { arg: OfSource & { readonly flush: boolean }; result: { readonly lines: number; readonly past: number } }
  window: { arg: InFilter & Folded & { readonly from: number; readonly count: number }; result: LogWindow }
  /** Sets the view's filter; null takes it away. */
  filter: { arg: OfView & { readonly filter: LogFilter | null }; result: { readonly filterId: number } }
  place: {
    arg: InFilter & Folded & { readonly at: { readonly time: number } | { readonly line: number } }
    result: { readonly row: number; readonly line: number; readonly firstTime: number | null; readonly folded: boolean }
  }
  /** Opens or folds the stack trace a folded row is of. */
  fold: { arg: InFilter & { readonly row: number; readonly open: boolean }; result: FoldChange }
  mark: { arg: InFilter & Folded & { readonly row: number }; result: { readonly mark: LogLineMark | null } }
  find: {
    arg: InFilter & Folded & { readonly mark: LogLineMark }
    result: { readonly line: number | null; readonly row: number | null; readonly folded: boolean; readonly firstTime: number | null; readonly lastTime: number | null }
  }
  /** Counts on, and tells what is counted. */
  histogram: {
    arg: OfView & { readonly filter: LogFilter | null; readonly since: number | null; readonly until: number | null; readonly bars: number }
    result: LogHistogram
  }
  /** Nobody looks at the histogram any more. */
  rest: { arg: OfView; result: null }
  search: { arg: InFilter & Folded & SearchQuery; result: { readonly pull: number } }
  export: {
    arg: InFilter & { readonly timestamps: boolean; readonly stripAnsi: boolean; readonly json?: readonly LogContainerName[] | undefined }
    result: { readonly pull: number }
  }
  /** Next item of a search or an export; null = over. */
  pull: { arg: { readonly pull: number }; result: LogMatches | Uint8Array | null }
  /** Ends a search or an export before its end. */
  stop: { arg: { readonly pull: number }; result: null }
}

export type RoomCallName = keyof RoomCalls

export type ToRoom =
  | {
      [N in RoomCallName]: {
        readonly type: 'call'
        readonly id: number
        readonly name: N
        readonly arg: RoomCalls[N]['arg']
      }
    }[RoomCallName]
  | (OfSource & { readonly type: 'data'; readonly bytes: Uint8Array<ArrayBuffer>; readonly length: number })

export type FromRoom =
  | { readonly type: 'reply'; readonly id: number; readonly value: RoomCalls[RoomCallName]['result'] }
  | { readonly type: 'refused'; readonly id: number; readonly error: ErrorEnvelope }
  /** Lines were taken in. */
  | (OfView & { readonly type: 'figures'; readonly figures: StoreFigures & { readonly folds: LogFoldState }; readonly filter?: LogFilterState | undefined })
  /** The source's reader may send this many bytes more. `spare` comes back for reuse. */
  | (OfSource & {
      readonly type: 'credit'
      readonly bytes: number
      readonly lines: number
      /** Lines of them that were printed before the source was asked for. */
      readonly past: number
      readonly spare?: Uint8Array<ArrayBuffer>
    })
  /** The source's stream is no log stream, or carries the engine's own error. */
  | (OfSource & { readonly type: 'fault'; readonly error: ErrorEnvelope })
