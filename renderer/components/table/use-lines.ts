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
  const sign = sort.direction === 'ascending' ? 1 : -1
  return [...rows].sort((a, b) => sign * compare(a, b))
}

/** `rows` in the order of `places` (key → position); rows without a place come last, in their own order. */
export function keepPlaces<Row>(
  rows: readonly Row[],
  keyOf: (row: Row) => string,
  places: ReadonlyMap<string, number>,
): readonly Row[] {
  const place = (row: Row): number => places.get(keyOf(row)) ?? Number.MAX_SAFE_INTEGER
  return [...rows].sort((a, b) => place(a) - place(b))
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

/** `rows` in the order of `places` without any comparison; rows without a place come last. */
function asBefore<Row>(rows: readonly Row[], keyOf: (row: Row) => string, places: ReadonlyMap<string, number>): readonly Row[] {
  if (places.size === 0) return rows
  const placed = new Array<Row | undefined>(places.size)
  const fresh: Row[] = []
  for (const row of rows) {
    const place = places.get(keyOf(row))
    if (place === undefined) fresh.push(row)
    else placed[place] = row
  }
  return [...placed.filter((row) => row !== undefined), ...fresh]
}

export function useLines<Row>(inputs: Inputs<Row>): Lines<Row> {
  const collapsed = ref<ReadonlySet<string>>(new Set())
  const held = ref(false)
  let places: ReadonlyMap<string, number> = new Map()

  // A click on a column head is a wish for a new order, even while the pointer rests on the table.
  const asked = ref(0)
  watch([inputs.sort, inputs.grouping], () => {
    places = new Map()
    asked.value += 1
  })

  const ordered = computed<readonly Row[]>(() => {
    void asked.value
    // In the order of last time first: what is nearly sorted is sorted again with few comparisons.
    const sorts = inputs.columns().some((column) => column.key === inputs.sort()?.key && column.compare)
    const before = sorts ? asBefore(inputs.rows(), inputs.keyOf, places) : inputs.rows()
    const sorted = sortRows(before, inputs.columns(), inputs.sort())
    const rows = held.value && places.size > 0 ? keepPlaces(sorted, inputs.keyOf, places) : sorted
    places = new Map(rows.map((row, index) => [inputs.keyOf(row), index]))
    return rows
  })

  const lines = computed<readonly TableLine<Row>[]>(() => {
    const grouping = inputs.grouping()
    const toLine = (row: Row): TableLine<Row> => ({ kind: 'row', key: inputs.keyOf(row), row })
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
