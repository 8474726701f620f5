/**
 * The mirror's memory: rows, which answer each came from, and what an answer changes. Pure.
 *
 * Every request for rows takes a sequence number when it is sent. An answer counts for a row only when no answer to a
 * later request has spoken about that row, so late answers cannot bring back what is gone or hide what is new.
 */
import { isDeepStrictEqual } from 'node:util'
import type { ContainerRow, ImageRow, RowPatch, SyncState } from '../contract/models.ts'
import { withConflicts } from '../ports/row-conflicts.ts'
import type { PortProblems } from '../ports/row-conflicts.ts'
import type { RunInfo } from './normalise.ts'

interface Identified {
  readonly id: string
}

export interface Table<Row extends Identified> {
  readonly rows: ReadonlyMap<string, Row>
  /** Sequence of the last whole list that was applied. */
  readonly listed: number
  /** Sequence of the last answer about single rows since then, gone ones included. */
  readonly answered: ReadonlyMap<string, number>
}

export interface MirrorState {
  readonly revision: number
  readonly sync: SyncState
  readonly containers: Table<ContainerRow>
  readonly images: Table<ImageRow>
  /** Published ports that are not open on this machine; no list of the engine knows of them. */
  readonly portProblems: PortProblems
}

/** Rows the engine gave: all of them, or those of `ids` (an id without a row is gone). */
export interface Answer<Row> {
  readonly sequence: number
  readonly rows: readonly Row[]
  readonly ids?: readonly string[]
}

export type MirrorAction =
  | { readonly type: 'containers'; readonly answer: Answer<ContainerRow> }
  | { readonly type: 'images'; readonly answer: Answer<ImageRow> }
  /** Facts of a container's run; `state` is the one they were asked for. */
  | { readonly type: 'runs'; readonly runs: ReadonlyMap<string, RunInfo & { readonly state: ContainerRow['state'] }> }
  | { readonly type: 'ports'; readonly problems: PortProblems }
  | { readonly type: 'sync'; readonly sync: SyncState }

export interface Change {
  readonly containers: RowPatch<ContainerRow>
  readonly images: RowPatch<ImageRow>
}

export interface Reduced {
  readonly state: MirrorState
  /** Null when nothing changed: the revision stays. */
  readonly change: Change | null
}

const NO_ROWS: RowPatch<never> = { upsert: [], remove: [] }
const emptyTable = <Row extends Identified>(): Table<Row> => ({ rows: new Map(), listed: 0, answered: new Map() })

export const EMPTY_STATE: MirrorState = {
  revision: 0,
  sync: 'loading',
  containers: emptyTable(),
  images: emptyTable(),
  portProblems: new Map(),
}

/** The state after `action`, and what a reader must change to follow. */
export function reduce(state: MirrorState, action: MirrorAction): Reduced {
  switch (action.type) {
    case 'containers': {
      const { table, patch } = applyAnswer(state.containers, action.answer, (old, row) => withConflicts(keepRun(old, row), state.portProblems))
      return next({ ...state, containers: table }, { containers: patch, images: NO_ROWS })
    }
    case 'images': {
      const { table, patch } = applyAnswer(state.images, action.answer, (_old, row) => row)
      return next({ ...state, images: table }, { containers: NO_ROWS, images: patch })
    }
    case 'runs': {
      const { table, patch } = applyRuns(state.containers, action.runs)
      return next({ ...state, containers: table }, { containers: patch, images: NO_ROWS })
    }
    case 'ports': {
      const { table, patch } = applyProblems(state.containers, action.problems)
      return next({ ...state, containers: table, portProblems: action.problems }, { containers: patch, images: NO_ROWS })
    }
    case 'sync':
      if (state.sync === action.sync) return { state, change: null }
      return {
        state: { ...state, sync: action.sync, revision: state.revision + 1 },
        change: { containers: NO_ROWS, images: NO_ROWS },
      }
  }
}

function next(state: MirrorState, change: Change): Reduced {
  const touched = [change.containers, change.images].some(({ upsert, remove }) => upsert.length + remove.length > 0)
  return touched ? { state: { ...state, revision: state.revision + 1 }, change } : { state, change: null }
}

function applyAnswer<Row extends Identified>(
  table: Table<Row>,
  answer: Answer<Row>,
  merge: (old: Row | undefined, row: Row) => Row,
): { table: Table<Row>; patch: RowPatch<Row> } {
  const { sequence } = answer
  if (sequence < table.listed) return { table, patch: NO_ROWS }
  const whole = answer.ids === undefined
  const newer = (id: string): boolean => (table.answered.get(id) ?? table.listed) > sequence
  const rows = new Map(table.rows)
  const upsert: Row[] = []
  const remove: string[] = []
  const given = new Set<string>()
  for (const fresh of answer.rows) {
    given.add(fresh.id)
    if (newer(fresh.id)) continue
    const old = rows.get(fresh.id)
    const row = merge(old, fresh)
    if (old !== undefined && isDeepStrictEqual(old, row)) continue
    rows.set(row.id, row)
    upsert.push(row)
  }
  for (const id of answer.ids ?? [...rows.keys()]) {
    if (given.has(id) || newer(id) || !rows.delete(id)) continue
    remove.push(id)
  }
  const answered = new Map<string, number>()
  for (const [id, at] of table.answered) if (!whole || at > sequence) answered.set(id, at)
  for (const id of whole ? [] : [...(answer.ids ?? []), ...given]) {
    answered.set(id, Math.max(sequence, table.answered.get(id) ?? 0))
  }
  return {
    table: { rows, listed: whole ? sequence : table.listed, answered },
    patch: { upsert, remove },
  }
}

/** Facts of the run survive a new list answer while the container is still in that run. */
function keepRun(old: ContainerRow | undefined, row: ContainerRow): ContainerRow {
  if (!old || old.state !== row.state) return row
  if (row.exitCode !== undefined && old.exitCode !== undefined && row.exitCode !== old.exitCode) return row
  const { exitCode, oomKilled, startedAt, finishedAt } = old
  return {
    ...row,
    ...(row.exitCode === undefined && exitCode !== undefined && { exitCode }),
    ...(oomKilled !== undefined && { oomKilled }),
    ...(startedAt !== undefined && { startedAt }),
    ...(finishedAt !== undefined && { finishedAt }),
  }
}

function applyRuns(
  table: Table<ContainerRow>,
  runs: ReadonlyMap<string, RunInfo & { readonly state: ContainerRow['state'] }>,
): { table: Table<ContainerRow>; patch: RowPatch<ContainerRow> } {
  const rows = new Map(table.rows)
  const upsert: ContainerRow[] = []
  for (const [id, { state, ...run }] of runs) {
    const old = rows.get(id)
    if (!old || old.state !== state) continue
    const { oomKilled: _oom, startedAt: _started, finishedAt: _finished, ...rest } = old
    const row: ContainerRow = { ...rest, ...run }
    if (isDeepStrictEqual(old, row)) continue
    rows.set(id, row)
    upsert.push(row)
  }
  return { table: { ...table, rows }, patch: { upsert, remove: [] } }
}

function applyProblems(table: Table<ContainerRow>, problems: PortProblems): { table: Table<ContainerRow>; patch: RowPatch<ContainerRow> } {
  const rows = new Map(table.rows)
  const upsert: ContainerRow[] = []
  for (const [id, old] of table.rows) {
    const row = withConflicts(old, problems)
    if (row === old || isDeepStrictEqual(old, row)) continue
    rows.set(id, row)
    upsert.push(row)
  }
  return { table: { ...table, rows }, patch: { upsert, remove: [] } }
}

/** Ids whose rows differ in more than the status text, which ages by itself: what an event should have told. */
export function missedBy<Row extends Identified>(before: Table<Row>, after: Table<Row>): string[] {
  const missed: string[] = []
  for (const [id, row] of after.rows) {
    const old = before.rows.get(id)
    if (old === row) continue
    if (old === undefined || !isDeepStrictEqual({ ...old, status: '' }, { ...row, status: '' })) missed.push(id)
  }
  for (const id of before.rows.keys()) if (!after.rows.has(id)) missed.push(id)
  return missed
}
