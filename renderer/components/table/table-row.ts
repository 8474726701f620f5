/**
 * One row of an NTable. A component of its own, so that scrolling draws only the rows that come into sight; drawn by
 * hand, because the slots of the table are called here, and what they read belongs to this row's drawing.
 */
import { h } from 'vue'
import type { VNode } from 'vue'
import NCheckbox from '../NCheckbox.vue'
import type { RowEvents, RowParts } from './row-parts.ts'
import type { TableColumn } from './types.ts'

interface RowProps<Row> {
  readonly row: Row
  /** Key of the row. */
  readonly id: string
  readonly index: number
  /** Distance from the top of the list, px. */
  readonly top: number
  readonly selected: boolean
  readonly active: boolean
  readonly tabindex: 0 | -1
  readonly parts: RowParts<Row>
  readonly events: RowEvents<Row>
}

function tick<Row>({ row, id, selected, parts, events }: RowProps<Row>): VNode {
  return h('div', { class: 'n-cell tick', role: 'gridcell' }, [
    h(NCheckbox, {
      modelValue: selected,
      label: parts.tickLabel(row),
      tabindex: -1,
      onClickCapture: (event: MouseEvent) => {
        event.stopPropagation()
        event.preventDefault()
        events.tick(id, event.shiftKey)
      },
    }),
  ])
}

function cell<Row>(column: TableColumn<Row>, at: number, { row, parts }: RowProps<Row>): VNode {
  const className = `n-cell${column.align ? ` ${column.align}` : ''}${column.quiet ? ' quiet' : ''}`
  const slot = parts.cells[at]
  const text = slot ? '' : column.text?.(row)
  return h('div', { key: column.key, class: className, role: 'gridcell' }, slot ? slot({ row }) : [h('span', { class: 'n-cell-text', title: text }, text)])
}

export function TableRow<Row>(props: RowProps<Row>): VNode {
  const { row, id, index, top, selected, active, tabindex, parts, events } = props
  return h(
    'div',
    {
      class: `n-table-row row${selected ? ' on' : ''}${active ? ' active' : ''}`,
      role: 'row',
      style: { transform: `translateY(${top}px)`, height: `${parts.height}px` },
      'aria-rowindex': index + 2,
      'aria-selected': parts.selectable ? selected : undefined,
      'aria-current': active || undefined,
      'data-line': index,
      'data-key': id,
      tabindex,
      onFocus: () => events.focus(index),
      onClick: (event: MouseEvent) => events.click(event, row, id, index),
    },
    [
      parts.selectable ? tick(props) : null,
      ...parts.columns.map((column, at) => cell(column, at, props)),
      h('div', { key: ' actions', class: 'n-cell last', role: 'gridcell' }, parts.actions?.({ row })),
    ],
  )
}
TableRow.props = ['row', 'id', 'index', 'top', 'selected', 'active', 'tabindex', 'parts', 'events']
