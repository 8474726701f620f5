/** Log views: opened in the engine room, reopened when the link was lost, asked for windows of lines. */
import { defineStore } from 'pinia'
import { shallowRef, watch } from 'vue'
import type { Ref, ShallowRef } from 'vue'
import { NaruError, isCancelled, toEnvelope } from '../../engine/contract/errors.ts'
import type { ErrorEnvelope } from '../../engine/contract/errors.ts'
import { LINK_CLOSED_HINT } from '../../engine/link/client.ts'
import type { LogContainerName, LogFilter, LogHistogram, LogLineMark, LogMatches, LogViewState, LogWindow } from '../../engine/contract/models.ts'
import { pause, retryDelay } from '../link/backoff.ts'
import { useConnection } from './connection.ts'
import { rowsOf } from './log-rows.ts'

export interface LogQuery {
  readonly query: string
  readonly regex: boolean
  readonly caseSensitive: boolean
  readonly word: boolean
}

/** Rows that can be shown, searched and saved: all lines of a view, or those that pass its filter. */
export interface LogRows {
  /** Null until the engine room told the first state. `firstLine` and `endLine` count these rows. */
  readonly state: Readonly<Ref<LogViewState | null>>
  /** Grows each time the view was opened anew: numbers of before mean nothing then. */
  readonly generation: Readonly<Ref<number>>
  window(from: number, count: number): Promise<LogWindow>
  /** Where a time or a line is among these rows; see `logs.place`. */
  place(at: { readonly time: number } | { readonly line: number }): Promise<LogPlace>
  /** By what the line of a row can be found again. */
  mark(row: number): Promise<LogLineMark | null>
  /** Where it is; see `logs.find`. */
  find(mark: LogLineMark): Promise<LogFound>
  search(query: LogQuery, signal: AbortSignal): AsyncIterable<LogMatches>
  /** Rows have stack traces folded. */
  readonly folded: boolean
  /** Lines that are folded away; null when nothing is. */
  readonly hidden: Readonly<Ref<number | null>>
  /** Opens or folds the stack trace a row is of. Those who hold numbers of rows are told by `shift`. */
  fold(row: number, open: boolean): Promise<void>
  /** The newest change of numbers: rows behind `row` moved by `lines`. */
  readonly shift: Readonly<Ref<LogShift | null>>
  export(options: { timestamps: boolean; stripAnsi: boolean; json?: readonly LogContainerName[] | undefined }, signal: AbortSignal): AsyncIterable<Uint8Array>
}

export interface LogShift {
  readonly row: number
  readonly lines: number
}

/** A row, its line, and the time of the oldest line held; `folded`: the line is folded into that row. */
export interface LogPlace {
  readonly row: number
  readonly folded: boolean
  readonly line: number
  readonly firstTime: number | null
}

/** Line and row of a mark (null: not held, left out), times of the oldest and newest line held. */
export interface LogFound {
  readonly line: number | null
  readonly row: number | null
  /** It is folded into that row. */
  readonly folded: boolean
  readonly firstTime: number | null
  readonly lastTime: number | null
}

/** Which lines a histogram counts and which part of time it shows; null: all. */
export interface HistogramRequest {
  readonly filter: LogFilter | null
  readonly since: number | null
  readonly until: number | null
  readonly bars: number
}

export interface LogView extends LogRows {
  /** Why the view could not be opened; null while it is open or opening. */
  readonly error: ShallowRef<ErrorEnvelope | null>
  /** Sets the filter, null takes it away; the rows of the one before answer `cancelled` from then on. */
  setFilter(filter: LogFilter | null): Promise<{ readonly id: number; readonly rows: LogRows; readonly folded: LogRows }>
  /** All its lines with stack traces folded. */
  readonly traces: LogRows
  /** Merges more containers into it, from their first line on; they follow those it has. */
  join(containerIds: readonly string[]): void
  /** Lines by time and level; counted only while it is read. */
  histogram(request: HistogramRequest, signal: AbortSignal): AsyncIterable<LogHistogram>
  /** Tries again after an error. */
  retry(): void
  close(): void
}

export type LogRequest = {
  readonly engineId: string
  readonly containerIds: readonly string[]
} & (
  | {
      /** Newest lines to load first. */
      readonly tail: number
    }
  | {
      /** Everything from that moment on, milliseconds since 1970. */
      readonly since: number
    }
)

/** A link tells its streams first that it has gone. */
const isLinkLost = (reason: unknown): boolean => reason instanceof NaruError && (reason.hint === LINK_CLOSED_HINT || reason.hint === 'engine-room')

export const useLogs = defineStore('logs', () => {
  const connection = useConnection()

  /** Opens a view that lives until `close()`. */
  function open(request: LogRequest): LogView {
    const state = shallowRef<LogViewState | null>(null)
    const error = shallowRef<ErrorEnvelope | null>(null)
    const generation = shallowRef(0)
    const life = new AbortController()
    const containerIds = [...request.containerIds]
    let viewId = ''
    /** How many of the containers the open view was told of. */
    let told = 0
    let wake: () => void = () => undefined

    const online = (): Promise<void> =>
      new Promise((resolve) => {
        if (connection.online || life.signal.aborted) return resolve()
        const stop = watch(
          () => connection.online,
          (now) => now && (stop(), resolve()),
        )
        life.signal.addEventListener('abort', () => (stop(), resolve()), { once: true })
      })

    async function live(): Promise<void> {
      for (let attempt = 0; !life.signal.aborted; attempt += 1) {
        await online()
        if (life.signal.aborted) return
        try {
          const { engineId } = request
          told = containerIds.length
          const begin = 'since' in request ? { tail: 0, since: request.since } : { tail: request.tail }
          const opened = await connection.call('logs.open', { engineId, containerIds: [...containerIds], ...begin }, { signal: life.signal })
          viewId = opened.viewId
          tell()
          generation.value += 1
          error.value = null
          for await (const item of connection.stream('logs.watch', { viewId }, { signal: life.signal })) {
            attempt = 0
            state.value = item
          }
        } catch (reason) {
          if (life.signal.aborted) return
          // A lost link is the connection store's to tell; anything else is about this log.
          if (connection.online && !isCancelled(reason) && !isLinkLost(reason)) error.value = toEnvelope(reason)
          else if (state.value) state.value = { ...state.value, status: 'reconnecting' }
        }
        viewId = ''
        await pause(retryDelay(attempt + (error.value?.retryable === false ? 8 : 0)), life.signal, (resume) => (wake = resume))
      }
    }

    /** Tells the open view of containers that joined; one that is being opened is told when it is. */
    function tell(): void {
      const more = containerIds.slice(told)
      if (viewId === '' || more.length === 0) return
      told = containerIds.length
      connection.call('logs.join', { viewId, containerIds: more }, { signal: life.signal }).catch((reason: unknown) => {
        if (!life.signal.aborted && connection.online && !isCancelled(reason)) error.value = toEnvelope(reason)
      })
    }

    const opened = (): string => {
      if (viewId === '') throw new NaruError('cancelled', 'the log view is not open')
      return viewId
    }

    const source = { connection, viewId: opened, signal: life.signal, state, generation }

    void live()
    return {
      ...rowsOf(source, undefined, false),
      traces: rowsOf(source, undefined, true),
      error,
      async setFilter(filter) {
        const { filterId } = await connection.call('logs.filter', { viewId: opened(), filter }, { signal: life.signal })
        return { id: filterId, rows: rowsOf(source, filterId, false), folded: rowsOf(source, filterId, true) }
      },
      histogram: (ask, signal) => connection.stream('logs.histogram', { viewId: opened(), ...ask }, { signal }),
      join(ids) {
        containerIds.push(...ids)
        tell()
      },
      retry: () => wake(),
      close: () => {
        const id = viewId
        life.abort()
        if (id && connection.online) connection.call('logs.close', { viewId: id }).catch(() => undefined)
      },
    }
  }

  return { open }
})
