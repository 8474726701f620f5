/** Rows in the order they are drawn: sorted, grouped, and held still while the pointer is over them. */
import { computed, ref, watch } from 'vue'
import type { ComputedRef, Ref } from 'vue'
import type { TableColumn, TableGrouping, TableLine, TableSort } from './types.ts'

interface Inputs<Row> {
  readonly rows: () => readonly Row[]
  readonly keyOf: (row: Row) => string
  readonly columns: () => readonly TableColumn<Row>[]
  readonly sort: () => TableSort | null
  readonly grouping: () => TableGrouping<Row> | undefined
}

interface Lines<Row> {
  readonly lines: ComputedRef<readonly TableLine<Row>[]>
  readonly collapsed: Ref<ReadonlySet<string>>
  /** While true, rows keep their places: changed values do not re-sort them, new rows come at the end. */
  readonly held: Ref<boolean>
  toggleGroup(group: string): void
}

/** Sorted copy of `rows`; equal rows keep their order. */
export function sortRows<Row>(
  rows: readonly Row[],
  columns: readonly TableColumn<Row>[],
  sort: TableSort | null,
): readonly Row[] {
  const compare = columns.find((column) => column.key === sort?.key)?.compare
  if (!compare || !sort) return rows
  return [...rows].sort(signed(compare, sort))
}

function signed<Row>(compare: (a: Row, b: Row) => number, sort: TableSort | null): (a: Row, b: Row) => number {
  return sort?.direction === 'descending' ? (a, b) => -compare(a, b) : compare
}

function groupRows<Row>(rows: readonly Row[], of: (row: Row) => string): ReadonlyMap<string, readonly Row[]> {
  const groups = new Map<string, Row[]>()
  for (const row of rows) {
    const known = groups.get(of(row))
    if (known) known.push(row)
    else groups.set(of(row), [row])
  }
  return groups
}

/**
 * True when `rows` are sorted, knowing that `last`, the same keys at the same places, was: only rows that are not the same
 * object as last time are compared, with their neighbours.
 */
export function isSortedAsLast<Row>(rows: readonly Row[], last: readonly Row[], compare: (a: Row, b: Row) => number): boolean {
  return rows.every((row, at) => {
    if (row === last[at]) return true
    const [before, after] = [rows[at - 1], rows[at + 1]]
    return (before === undefined || compare(before, row) <= 0) && (after === undefined || compare(row, after) <= 0)
  })
}

/** `rows` with a place (key → position) in their order, without any comparison, and those without one. */
function byPlace<Row>(rows: readonly Row[], keyOf: (row: Row) => string, places: ReadonlyMap<string, number>): { placed: Row[]; fresh: Row[] } {
  const placed = new Array<Row | undefined>(places.size)
  const fresh: Row[] = []
  for (const row of rows) {
    const place = places.get(keyOf(row))
    if (place === undefined) fresh.push(row)
    else placed[place] = row
  }
  return { placed: placed.filter((row) => row !== undefined), fresh }
}

export function useLines<Row extends object>(inputs: Inputs<Row>): Lines<Row> {
  const collapsed = ref<ReadonlySet<string>>(new Set())
  const held = ref(false)
  let places: ReadonlyMap<string, number> = new Map()
  /** The rows in the order of `places`, if that is sorted. */
  let last: readonly Row[] = []

  // A click on a column head is a wish for a new order, even while the pointer rests on the table.
  const asked = ref(0)
  watch([inputs.sort, inputs.grouping], () => {
    places = new Map()
    last = []
    asked.value += 1
  })

  const ordered = computed<readonly Row[]>(() => {
    void asked.value
    const [all, sort] = [inputs.rows(), inputs.sort()]
    const column = inputs.columns().find(({ key, compare }) => key === sort?.key && compare)
    const isHeld = held.value && places.size > 0
    if (!column && !isHeld) return keep(all, false)
    const { placed, fresh } = byPlace(all, inputs.keyOf, places)
    if (isHeld) return keep([...placed, ...sortRows(fresh, inputs.columns(), sort)], false)
    const isSame = fresh.length === 0 && placed.length === last.length
    if (isSame && column?.byRow && column.compare && isSortedAsLast(placed, last, signed(column.compare, sort))) return (last = placed)
    // In the order of last time first: what is nearly sorted is sorted again with few comparisons.
    return keep(sortRows([...placed, ...fresh], inputs.columns(), sort), true)
  })
  /** Rows that were held still may not be sorted: there is nothing to go on from. */
  function keep(rows: readonly Row[], isSorted: boolean): readonly Row[] {
    places = new Map(rows.map((row, index) => [inputs.keyOf(row), index]))
    last = isSorted ? rows : []
    return rows
  }

  /** Made once for each row: of thousands one or two are others. */
  const known = new WeakMap<object, TableLine<Row>>()
  function toLine(row: Row): TableLine<Row> {
    let line = known.get(row)
    if (!line) known.set(row, (line = { kind: 'row', key: inputs.keyOf(row), row }))
    return line
  }

  const lines = computed<readonly TableLine<Row>[]>(() => {
    const grouping = inputs.grouping()
    if (!grouping) return ordered.value.map(toLine)
    const groups = groupRows(ordered.value, grouping.of)
    const names = [...groups.keys()].sort(grouping.compare ?? ((a, b) => a.localeCompare(b)))
    return names.flatMap((group) => {
      const rows = groups.get(group) ?? []
      const head: TableLine<Row> = { kind: 'group', key: `group:${group}`, group, rows }
      return collapsed.value.has(group) ? [head] : [head, ...rows.map(toLine)]
    })
  })

  function toggleGroup(group: string): void {
    const next = new Set(collapsed.value)
    if (!next.delete(group)) next.add(group)
    collapsed.value = next
  }

  return { lines, collapsed, held, toggleGroup }
}
