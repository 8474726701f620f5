/** What the rows of a table get from it, made so that a row is drawn again only when something of its own changed. */
import { onBeforeUpdate, useSlots } from 'vue'
import type { VNode } from 'vue'
import type { TableColumn } from './types.ts'

type RowSlot<Row> = (scope: { row: Row }) => VNode[]

export interface RowParts<Row> {
  readonly columns: readonly TableColumn<Row>[]
  /** Slot of each column, in their order; undefined where the column's text is shown. */
  readonly cells: readonly (RowSlot<Row> | undefined)[]
  readonly actions: RowSlot<Row> | undefined
  readonly selectable: boolean
  /** Name of the row's tick box. */
  readonly tickLabel: (row: Row) => string
  readonly height: number
}

/** What a row tells its table. */
export interface RowEvents<Row> {
  focus(index: number): void
  click(event: MouseEvent, row: Row, key: string, index: number): void
  tick(key: string, range: boolean): void
}

/**
 * Call it in a table's `setup`. `value` is brought up to date before every drawing of the table and stays the same object
 * as long as nothing in it changed: slots keep their functions unless their owner was drawn anew with others.
 */
export function useRowParts<Row>(rest: () => Omit<RowParts<Row>, 'cells' | 'actions'>): { readonly value: RowParts<Row> } {
  const slots = useSlots() as Readonly<Record<string, RowSlot<Row> | undefined>>
  const make = (): RowParts<Row> => {
    const now = rest()
    return { ...now, cells: now.columns.map((column) => slots[`cell-${column.key}`]), actions: slots['actions'] }
  }
  const shared = { value: make() }
  onBeforeUpdate(() => {
    const next = make()
    if (!isSame(shared.value, next)) shared.value = next
  })
  return shared
}

function isSame<Row>(one: RowParts<Row>, other: RowParts<Row>): boolean {
  return (
    isSameList(one.columns, other.columns) &&
    one.actions === other.actions &&
    one.selectable === other.selectable &&
    one.height === other.height &&
    one.tickLabel === other.tickLabel &&
    isSameList(one.cells, other.cells)
  )
}

function isSameList(one: readonly unknown[], other: readonly unknown[]): boolean {
  return one.length === other.length && one.every((item, at) => item === other[at])
}
