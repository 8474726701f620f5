import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { computed, nextTick, ref, shallowRef } from 'vue'
import type { TableColumn, TableLine, TableSort } from '../../../renderer/components/table/types.ts'
import { useLines } from '../../../renderer/components/table/use-lines.ts'
import { useSelection } from '../../../renderer/components/table/use-selection.ts'
import { visibleRange } from '../../../renderer/components/table/visible-range.ts'
import { needsAttention } from '../../../renderer/screens/Overview/attention.ts'
import { operationsScript } from '../../../renderer/screens/Activity/script.ts'
import { score } from '../../../renderer/app/palette-entries.ts'
import type { OperationRow } from '../../../engine/contract/models.ts'
import { CONTAINERS, OPERATIONS } from '../../screens/seed.ts'

interface Row {
  readonly id: string
  readonly cpu: number
  readonly group: string
}
const columns: readonly TableColumn<Row>[] = [{ key: 'cpu', label: 'CPU', compare: (a, b) => a.cpu - b.cpu }]
const make = (id: string, cpu: number, group = ''): Row => ({ id, cpu, group })
const keys = (lines: readonly TableLine<Row>[]): string[] => lines.map((line) => line.key)

describe('lines of a table', () => {
  const setUp = (grouped = false) => {
    const rows = ref<readonly Row[]>([make('a', 3, 'x'), make('b', 1, 'y'), make('c', 2, 'x')])
    const sort = ref<TableSort | null>({ key: 'cpu', direction: 'ascending' })
    const lines = useLines<Row>({
      rows: () => rows.value, keyOf: (row) => row.id, columns: () => columns, sort: () => sort.value,
      grouping: () => (grouped ? { of: (row) => row.group } : undefined),
    })
    return { rows, sort, ...lines }
  }

  it('are sorted both ways', async () => {
    const { lines, sort } = setUp()
    expect(keys(lines.value)).toEqual(['b', 'c', 'a'])
    sort.value = { key: 'cpu', direction: 'descending' }
    await nextTick()
    expect(keys(lines.value)).toEqual(['a', 'c', 'b'])
  })

  it('compare only what changed where the rows alone say the order', async () => {
    let compared = 0
    const compare = (a: Row, b: Row): number => (compared += 1, a.cpu - b.cpu)
    const rows = shallowRef<readonly Row[]>(Array.from({ length: 1_000 }, (_, n) => make(`r${n}`, n)))
    const { lines } = useLines<Row>({
      rows: () => rows.value, keyOf: (row) => row.id, columns: () => [{ key: 'cpu', label: 'CPU', byRow: true, compare }],
      sort: () => ({ key: 'cpu', direction: 'ascending' }), grouping: () => undefined,
    })
    const before = lines.value
    const change = (at: number, row: Row): void => void (rows.value = rows.value.map((one, n) => (n === at ? row : one)))
    compared = 0
    change(500, make('r500', 500.5))
    expect(lines.value[500]).toMatchObject({ key: 'r500', row: { cpu: 500.5 } })
    expect(compared).toBe(2)
    // A line of an unchanged row is the same object.
    expect(lines.value[499]).toBe(before[499])
    change(500, make('r500', 2.5))
    expect(keys(lines.value).slice(1, 5)).toEqual(['r1', 'r2', 'r500', 'r3'])
    rows.value = [...rows.value.filter(({ id }) => id !== 'r0'), make('new', 5_000)]
    expect(keys(lines.value).slice(0, 2)).toEqual(['r1', 'r2'])
    change(1, make('r2', 9_999))
    expect(keys(lines.value).slice(-3)).toEqual(['r999', 'new', 'r2'])
  })

  it('are sorted, whatever changes, as if all were sorted anew', () => {
    fc.assert(fc.property(fc.array(fc.array(fc.tuple(fc.nat(12), fc.nat(5)), { maxLength: 14 }), { maxLength: 6 }), fc.boolean(), (steps, down) => {
      const rows = shallowRef<readonly Row[]>([])
      const compare = (a: Row, b: Row): number => a.cpu - b.cpu
      const { lines } = useLines<Row>({
        rows: () => rows.value, keyOf: (row) => row.id, columns: () => [{ key: 'cpu', label: 'CPU', byRow: true, compare }],
        sort: () => ({ key: 'cpu', direction: down ? 'descending' : 'ascending' }), grouping: () => undefined,
      })
      let known = new Map<string, Row>()
      for (const step of steps) {
        known = new Map(step.map(([id, cpu]) => [String(id), known.get(String(id))?.cpu === cpu ? known.get(String(id))! : make(String(id), cpu)]))
        rows.value = [...known.values()]
        const shown = lines.value.map((line) => (line.kind === 'row' ? line.row : expect.fail()))
        expect(new Set(shown)).toEqual(new Set(rows.value))
        expect(shown.map(({ cpu }) => cpu)).toEqual(rows.value.map(({ cpu }) => cpu).sort((a, b) => (down ? b - a : a - b)))
      }
    }))
  })

  it('keep their places under the pointer and are sorted again when it leaves', async () => {
    const { lines, rows, held } = setUp()
    expect(keys(lines.value)).toEqual(['b', 'c', 'a'])
    held.value = true
    rows.value = [make('a', 0), make('b', 9), make('c', 5), make('new', -1)]
    expect(keys(lines.value)).toEqual(['b', 'c', 'a', 'new'])
    held.value = false
    await nextTick()
    expect(keys(lines.value)).toEqual(['new', 'a', 'c', 'b'])
  })

  it('stay in the order of their source when nothing sorts them', async () => {
    const { lines, rows, sort } = setUp()
    sort.value = null
    await nextTick()
    expect(keys(lines.value)).toEqual(['a', 'b', 'c'])
    rows.value = [make('new', 4), ...rows.value]
    expect(keys(lines.value)).toEqual(['new', 'a', 'b', 'c'])
  })

  it('are grouped, and a folded group keeps its head', () => {
    const { lines, toggleGroup } = setUp(true)
    expect(keys(lines.value)).toEqual(['group:x', 'c', 'a', 'group:y', 'b'])
    toggleGroup('x')
    expect(keys(lines.value)).toEqual(['group:x', 'group:y', 'b'])
  })

  it('draw the head of the group at the top and the focused line, wherever they are', () => {
    const { lines } = setUp(true)
    expect(visibleRange({ startIndex: 2, endIndex: 2, overscan: 0, count: 5 }, lines.value, 4)).toEqual([0, 2, 4])
  })
})

describe('selection', () => {
  it('extends with shift and knows none, some and all', () => {
    const selected = ref<ReadonlySet<string>>(new Set())
    const order = computed(() => ['a', 'b', 'c', 'd'])
    const selection = useSelection(() => order.value, () => selected.value, (next) => (selected.value = next))
    expect(selection.all.value).toBe(false)
    selection.toggle('b')
    selection.toggle('d', true)
    expect([...selected.value].sort()).toEqual(['b', 'c', 'd'])
    expect(selection.all.value).toBe('indeterminate')
    selection.toggleAll()
    expect(selection.all.value).toBe(true)
    selection.toggleAll()
    expect(selected.value.size).toBe(0)
  })
})

it('finds the containers that need attention, latest first', () => {
  const found = needsAttention(CONTAINERS).map(({ row, reason }) => `${row.name}: ${reason}`)
  expect(found).toEqual(['worker: oom', 'migrate: exited', 'mailer: unhealthy', expect.stringContaining(': restarting')])
})

it('exports what succeeded as a script, oldest first', () => {
  const lines = operationsScript(OPERATIONS, { title: 'title', hidden: 'hidden' }).split('\n').filter((line) => line.startsWith('docker'))
  expect(lines).toEqual([
    expect.stringContaining('docker rmi'), 'docker rename jolly_hopper tools', 'docker restart --time 10 api', 'docker stop --time 10 worker',
  ])
})

it('a script asks for the secrets it does not have, under names of their own, and ends where one is missing', () => {
  const row = { ...(OPERATIONS[0] as OperationRow), status: 'succeeded' as const }
  const rows = [
    { ...row, startedAt: 1, command: 'docker run -e DB_PASSWORD a --token "${SECRET_1}"', needs: ['DB_PASSWORD', 'SECRET_1'] },
    { ...row, startedAt: 2, command: 'docker run -l "t=${SECRET_1}" b', needs: ['SECRET_1'] },
  ]
  const script = operationsScript(rows, { title: 'title', hidden: 'set "it" $(x)' })
  expect(script.split('\n').filter((line) => line && !line.startsWith('#'))).toEqual([
    'set -e', ': "${DB_PASSWORD:?set it (x)}"', 'export DB_PASSWORD', ': "${SECRET_1:?set it (x)}"', 'docker run -e DB_PASSWORD a --token "${SECRET_1}"',
    ': "${SECRET_2:?set it (x)}"', 'docker run -l "t=${SECRET_2}" b',
  ])
})

it('ranks a beginning above a middle in the palette', () => {
  expect(score('web', 'we')).toBeGreaterThan(score('shop-web', 'we'))
  expect(score('shop-web', 'we')).toBeGreaterThan(score('tower', 'we'))
  expect(score('web', 'x')).toBe(0)
  expect(score('Stop web', 'web stop')).toBeGreaterThan(0)
})
