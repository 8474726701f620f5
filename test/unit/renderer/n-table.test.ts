// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import type { VueWrapper } from '@vue/test-utils'
import { TooltipProvider } from 'reka-ui'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { defineComponent, h, ref } from 'vue'
import NTable from '../../../renderer/components/NTable.vue'
import type { TableColumn } from '../../../renderer/components/table/types.ts'
import { i18n } from '../../../renderer/i18n/index.ts'

interface Row {
  readonly id: string
  readonly size: number
}
const columns: readonly TableColumn<Row>[] = [
  { key: 'id', label: 'Name', text: (row) => row.id, compare: (a, b) => a.id.localeCompare(b.id), hideable: false },
  { key: 'size', label: 'Size', text: (row) => String(row.size), compare: (a, b) => a.size - b.size },
]
const many: readonly Row[] = Array.from({ length: 5_000 }, (_, n) => ({ id: `row-${n}`, size: n % 7 }))

beforeAll(() => {
  // The test's DOM has no layout: everything is as large as the window of a table.
  Object.defineProperties(HTMLElement.prototype, {
    clientHeight: { get: () => 340 },
    clientWidth: { get: () => 800 },
  })
})

let wrapper: VueWrapper
afterEach(() => wrapper.unmount())

function table(props: Record<string, unknown>): { opened: Row[]; removed: Row[]; selected: () => readonly string[] } {
  const opened: Row[] = []
  const removed: Row[] = []
  const selected = ref<ReadonlySet<string>>(new Set())
  const Host = defineComponent({
    setup: () => () =>
      h(TooltipProvider, null, () =>
        h(NTable as never, {
          columns, label: 'Things', rowKey: (row: Row) => row.id, selectable: true, selected: selected.value,
          'onUpdate:selected': (keys: ReadonlySet<string>) => (selected.value = keys),
          onOpen: (row: Row) => opened.push(row), onRemove: (row: Row) => removed.push(row), ...props,
        } as never, { empty: () => h('p', 'nothing here'), error: () => h('p', 'broken') } as never),
      ),
  })
  wrapper = mount(Host, { global: { plugins: [i18n] }, attachTo: document.body })
  return { opened, removed, selected: () => [...selected.value].sort() }
}
/** The first rows come after the table has measured its window. */
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 30))
const rows = () => wrapper.findAll('[data-key]')
const line = (n: number) => wrapper.get(`[data-line="${n}"]`)

describe('NTable', () => {
  it('draws a window of many rows and tells their number', async () => {
    table({ rows: many })
    await settled()
    expect(rows().length).toBeGreaterThan(8)
    expect(rows().length).toBeLessThan(60)
    expect(wrapper.get('[role=grid]').attributes('aria-rowcount')).toBe('5001')
    expect(rows()[0]?.attributes('aria-rowindex')).toBe('2')
  })

  it('works by keyboard: arrows, space, enter, delete, select all, escape', async () => {
    const seen = table({ rows: many.slice(0, 20) })
    await settled()
    await line(0).trigger('keydown', { key: 'ArrowDown' })
    expect(line(1).attributes('tabindex')).toBe('0')
    await line(1).trigger('keydown', { key: ' ' })
    expect(seen.selected()).toEqual(['row-1'])
    await line(1).trigger('keydown', { key: 'Enter' })
    await line(1).trigger('keydown', { key: 'Delete' })
    expect(seen.opened.map((row) => row.id)).toEqual(['row-1'])
    expect(seen.removed.map((row) => row.id)).toEqual(['row-1'])
    await line(1).trigger('keydown', { key: 'a', ctrlKey: true })
    expect(seen.selected()).toHaveLength(20)
    await line(1).trigger('keydown', { key: 'Escape' })
    expect(seen.selected()).toEqual([])
  })

  it('selects with ctrl and shift, and opens with a plain click', async () => {
    const seen = table({ rows: many.slice(0, 20) })
    await settled()
    await line(2).trigger('click', { ctrlKey: true })
    await line(5).trigger('click', { shiftKey: true })
    expect(seen.selected()).toEqual(['row-2', 'row-3', 'row-4', 'row-5'])
    await line(7).trigger('click')
    expect(seen.opened.map((row) => row.id)).toEqual(['row-7'])
  })

  it('ticks a row by its check box without opening it', async () => {
    const seen = table({ rows: many.slice(0, 3) })
    await settled()
    await line(1).get('[role=checkbox]').trigger('click')
    expect(seen.selected()).toEqual(['row-1'])
    expect(seen.opened).toEqual([])
  })

  it.each([
    ['loading', { rows: [], state: 'loading' }, '[role=status]'],
    ['broken', { rows: [], state: 'error' }, 'broken'],
    ['empty', { rows: [] }, 'nothing here'],
    ['filtered', { rows: [], filtered: true }, 'Reset filter'],
  ])('says why there is nothing: %s', async (_name, props, expected) => {
    table(props)
    await settled()
    if (expected.startsWith('[')) expect(wrapper.find(expected).exists()).toBe(true)
    else expect(wrapper.text()).toContain(expected)
  })

  it('draws a row again only when something of its own changed', async () => {
    const drawn: string[] = []
    const rows = ref<readonly Row[]>(many.slice(0, 40))
    const Host = () => h(NTable as never, { columns, label: 'Things', rowKey: (row: Row) => row.id, rows: rows.value, rowName } as never, CELLS as never)
    const rowName = (row: Row): string => row.id
    // As compiled templates give them: the same functions with every drawing of the owner.
    const CELLS = { _: 1, 'cell-size': ({ row }: { row: Row }) => (drawn.push(row.id), [h('b', row.size)]) }
    wrapper = mount(Host, { global: { plugins: [i18n] }, attachTo: document.body })
    await settled()
    expect(drawn).toContain('row-3')
    drawn.length = 0
    rows.value = rows.value.map((row) => (row.id === 'row-3' ? { ...row, size: 99 } : row))
    await settled()
    expect(drawn).toEqual(['row-3'])
    expect(wrapper.get('[data-key="row-3"]').text()).toContain('99')
  })
})
