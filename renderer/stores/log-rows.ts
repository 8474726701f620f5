/** Rows of a log view as they are read: all lines or those of a filter, with or without stack traces folded. */
import { computed, shallowRef } from 'vue'
import type { Ref } from 'vue'
import type { LogViewState } from '../../engine/contract/models.ts'
import type { useConnection } from './connection.ts'
import type { LogRows, LogShift } from './logs.ts'

export interface RowsSource {
  readonly connection: Pick<ReturnType<typeof useConnection>, 'call' | 'stream'>
  /** Id of the view; throws `cancelled` while it is not open. */
  readonly viewId: () => string
  readonly signal: AbortSignal
  readonly state: Readonly<Ref<LogViewState | null>>
  readonly generation: Readonly<Ref<number>>
}

/** State of the view with the numbers of these rows; null while they are not there. */
function stateOf(now: LogViewState | null, filterId: number | undefined, folded: boolean): LogViewState | null {
  const filter = filterId === undefined ? undefined : now?.filter
  if (!now || (filterId !== undefined && filter?.id !== filterId)) return null
  if (folded) {
    const folds = filterId === undefined ? now.folds : filter?.folds
    return folds ? { ...now, firstLine: folds.firstRow, endLine: folds.endRow } : null
  }
  return filter ? { ...now, firstLine: filter.firstRow, endLine: filter.endRow } : now
}

/** @param filterId the filter whose rows they are; undefined: all lines. */
export function rowsOf({ connection, viewId, signal, state, generation }: RowsSource, filterId: number | undefined, folded: boolean): LogRows {
  const inFilter = filterId === undefined ? {} : { filterId }
  const inFold = folded ? { folded } : {}
  const shift = shallowRef<LogShift | null>(null)
  return {
    state: computed(() => stateOf(state.value, filterId, folded)),
    generation,
    folded,
    hidden: computed(() => (folded ? ((filterId === undefined ? state.value?.folds : state.value?.filter?.folds)?.folded ?? null) : null)),
    shift,
    window: (from, count) => connection.call('logs.window', { viewId: viewId(), ...inFilter, ...inFold, from, count }, { signal }),
    place: (at) => connection.call('logs.place', { viewId: viewId(), ...inFilter, ...inFold, at }, { signal }),
    mark: async (row) => (await connection.call('logs.mark', { viewId: viewId(), ...inFilter, ...inFold, row }, { signal })).mark,
    find: (mark) => connection.call('logs.find', { viewId: viewId(), ...inFilter, ...inFold, mark }, { signal }),
    search: (query, stop) => connection.stream('logs.search', { viewId: viewId(), ...inFilter, ...inFold, ...query }, { signal: stop }),
    export: (options, stop) => connection.stream('logs.export', { viewId: viewId(), ...inFilter, ...options }, { signal: stop }),
    async fold(row, open) {
      if (!folded) return
      const change = await connection.call('logs.fold', { viewId: viewId(), ...inFilter, row, open }, { signal })
      if (change.lines !== 0) shift.value = change
    },
  }
}
