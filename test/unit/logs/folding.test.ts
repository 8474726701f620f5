import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { LOG_CONTEXT, LOG_INSIDE, LOG_STDERR, LOG_UNFOLDED } from '../../../engine/contract/models.ts'
import type { LogFilter, LogMatches, LogWindow } from '../../../engine/contract/models.ts'
import { FilterIndex } from '../../../engine/logs/filter-index.ts'
import type { FoldIndex } from '../../../engine/logs/fold-index.ts'
import { Folding } from '../../../engine/logs/folding.ts'
import { createMatcher } from '../../../engine/logs/match.ts'
import { searchStore } from '../../../engine/logs/search.ts'
import { LogStore } from '../../../engine/logs/store.ts'

const MB = 1024 * 1024
let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'naru-folding-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

interface Line {
  readonly text: string
  readonly source?: number
  readonly stderr?: boolean
  readonly time?: number
}
const everything: LogFilter = { include: [], exclude: [], levels: [], stream: 'all', sources: [], context: 0, fromLine: 0, since: null, until: null }
const term = (query: string) => ({ query, regex: false, caseSensitive: false })
const storeOf = (lines: readonly (Line | string)[], options: { memoryBytes?: number; capBytes?: number } = {}): LogStore => {
  const store = new LogStore({ folder, name: `v${Math.random()}`, capBytes: 1024 * MB, ...options })
  for (const line of lines) add(store, line)
  return store
}
function add(store: LogStore, line: Line | string): void {
  const { text, source = 0, stderr = false, time = 0 } = typeof line === 'string' ? { text: line } : line
  const bytes = Buffer.from(text)
  store.append(bytes, 0, bytes.length, time, stderr ? LOG_STDERR : 0, source)
}
const foldingOf = (store: LogStore): Folding => {
  const folding = new Folding(store, () => undefined)
  folding.run()
  return folding
}
async function filtered(store: LogStore, filter: Partial<LogFilter>): Promise<FoldIndex> {
  const folding = new Folding(store, () => undefined)
  const index = new FilterIndex(store, { id: 1, filter: { ...everything, ...filter }, scanner: (query) => ({ scan: async (chunk) => createMatcher(query)(chunk), close: () => {} }), onNews: () => {} })
  await index.run()
  folding.setFilter(index)
  folding.run()
  return folding.filter as FoldIndex
}
/** Rows as text: `+2` lines folded, `-2` lines opened below, `|` inside, `~` surroundings. */
function shown(index: FoldIndex, from = 0, count = 2_000): string[] {
  const window: LogWindow = index.window(from, count)
  const bytes = Buffer.from(window.text)
  return Array.from(window.ends, (end, at) => {
    const flags = window.flags[at] as number
    const lines = window.folds?.[at] ?? 0
    const mark = lines > 0 ? (flags & LOG_UNFOLDED ? ` -${lines}` : ` +${lines}`) : ''
    return `${flags & LOG_CONTEXT ? '~' : ''}${flags & LOG_INSIDE ? '|' : ''}${bytes.subarray(at ? window.ends[at - 1] : 0, end).toString().trim()}${mark}`
  })
}
const TRACE = ['ERROR boom', '  at a (a.js:1)', '  at b (b.js:2)']

describe('rows with traces folded', () => {
  it('a group is its first line, opens where it stands and folds again', () => {
    const { lines } = foldingOf(storeOf(['INFO a', ...TRACE, 'INFO b', ...TRACE]))
    expect(shown(lines)).toEqual(['INFO a', 'ERROR boom +2', 'INFO b', 'ERROR boom +2'])
    expect(lines.figures()).toEqual({ firstRow: 0, endRow: 4, folded: 4 })
    expect(lines.fold(1, true)).toEqual({ row: 1, lines: 2 })
    expect(shown(lines)).toEqual(['INFO a', 'ERROR boom -2', '|at a (a.js:1)', '|at b (b.js:2)', 'INFO b', 'ERROR boom +2'])
    expect(lines.fold(1, true)).toBeNull()
    expect(lines.fold(0, true)).toBeNull()
    // From a line inside, too.
    expect(lines.fold(3, false)).toEqual({ row: 1, lines: -2 })
    expect(shown(lines)).toEqual(['INFO a', 'ERROR boom +2', 'INFO b', 'ERROR boom +2'])
  })

  it('grows while it is followed, folded or open', () => {
    const store = storeOf(['INFO a', ...TRACE])
    const folding = foldingOf(store)
    add(store, '  at c (c.js:3)')
    folding.run()
    expect(shown(folding.lines)).toEqual(['INFO a', 'ERROR boom +3'])
    folding.lines.fold(1, true)
    add(store, '  at d (d.js:4)')
    add(store, 'INFO b')
    folding.run()
    expect(shown(folding.lines)).toEqual(['INFO a', 'ERROR boom -4', '|at a (a.js:1)', '|at b (b.js:2)', '|at c (c.js:3)', '|at d (d.js:4)', 'INFO b'])
    expect(folding.lines.figures().folded).toBe(0)
  })

  it('is of one container and one output, whatever stands between', () => {
    const mixed: Line[] = [
      { text: 'ERROR one', source: 0, stderr: true },
      { text: 'ERROR two', source: 1, stderr: true },
      { text: '  at one.a (a:1)', source: 0, stderr: true },
      { text: 'out', source: 0 },
      { text: '  at two.a (a:1)', source: 1, stderr: true },
      { text: '  at one.b (b:1)', source: 0, stderr: true },
    ]
    const { lines } = foldingOf(storeOf(mixed))
    expect(shown(lines)).toEqual(['ERROR one +2', 'ERROR two +1', 'out'])
    lines.fold(0, true)
    expect(shown(lines)).toEqual(['ERROR one -2', 'ERROR two +1', '|at one.a (a:1)', 'out', '|at one.b (b:1)'])
  })

  it('does not take lines that come later', () => {
    const { lines } = foldingOf(storeOf([{ text: 'step 1', time: 1_000 }, { text: '  half', time: 2_500 }, { text: '  more', time: 9_000 }]))
    expect(shown(lines)).toEqual(['step 1 +1', 'more'])
  })

  it('tells where a line is, folded or not', () => {
    const { lines } = foldingOf(storeOf(['INFO a', ...TRACE, 'INFO b']))
    expect([lines.rowOf(1), lines.rowOf(3), lines.rowOf(4), lines.nearest(99)]).toEqual([
      { row: 1, folded: false },
      { row: 1, folded: true },
      { row: 2, folded: false },
      { row: 2, folded: false },
    ])
    lines.fold(1, true)
    expect([lines.rowOf(3), lines.rowOf(4)]).toEqual([{ row: 3, folded: false }, { row: 4, folded: false }])
  })

  it('goes on when the oldest lines are dropped', async () => {
    const store = storeOf([], { capBytes: 2 * MB, memoryBytes: MB })
    const folding = new Folding(store, () => undefined)
    for (let round = 0; round < 30_000; round++) {
      for (const text of [`ERROR ${round}`, '  at a (a.js:1) '.padEnd(120, '.')]) add(store, text)
      if (round % 1_000 !== 999) continue
      folding.run()
      await vi.waitUntil(() => folding.lines.figures().endRow === round + 1)
    }
    const { firstRow, endRow } = folding.lines.figures()
    expect([store.firstLine > 0, endRow, firstRow]).toEqual([true, 30_000, Math.ceil(store.firstLine / 2)])
    expect(shown(folding.lines, endRow - 1)).toEqual(['ERROR 29999 +1'])
    expect(shown(folding.lines, firstRow, 1)).toEqual([`ERROR ${firstRow} +1`])
    store.close()
  })

  it('a slow look goes on in later turns and tells', async () => {
    const store = storeOf(Array.from({ length: 200_000 }, (_, line) => (line % 4 === 0 ? `ERROR ${line}` : '   at a (a.js:1)')))
    const told = vi.fn()
    const folding = new Folding(store, told)
    folding.run()
    await vi.waitUntil(() => folding.lines.figures().endRow === 50_000)
    expect(told).toHaveBeenCalled()
    store.close()
  })
})

describe('rows of a filter with traces folded', () => {
  const lines = ['INFO a', ...TRACE, 'INFO b', 'ERROR other', '  at b (c.js:9)', 'DONE']

  it('a trace whose first line passes is folded as far as it passes', async () => {
    expect(shown(await filtered(storeOf(lines), { levels: ['error'] }))).toEqual(['ERROR boom +2', 'ERROR other +1'])
    expect(shown(await filtered(storeOf(lines), { levels: ['error'], exclude: [term('b.js')] }))).toEqual(['ERROR boom +1', 'ERROR other +1'])
  })

  it('a line inside that passes alone is not hidden', async () => {
    expect(shown(await filtered(storeOf(lines), { include: [term('at b')] }))).toEqual(['|at b (b.js:2)', '|at b (c.js:9)'])
    // …nor taken for a part of another trace that passes.
    expect(shown(await filtered(storeOf(['ERROR at b', ...lines.slice(5)]), { include: [term('at b')] }))).toEqual(['ERROR at b', '|at b (c.js:9)'])
  })

  it('surroundings are folded as well, but not what passes among them', async () => {
    expect(shown(await filtered(storeOf(lines), { include: [term('INFO b')], context: 3 }))).toEqual(['~ERROR boom +2', 'INFO b', '~ERROR other +1', '~DONE'])
    expect(shown(await filtered(storeOf(lines), { include: [term('at b (b')], context: 1 }))).toEqual(['~|at a (a.js:1)', '|at b (b.js:2)', '~INFO b'])
    expect(shown(await filtered(storeOf(lines), { include: [term('at b (b')], context: 3 }))).toEqual(['~INFO a', '~ERROR boom +1', '|at b (b.js:2)', '~INFO b', '~ERROR other +1'])
  })
})

describe('a search among folded rows', () => {
  it('finds the first line of what it is folded into, and tells so', async () => {
    const store = storeOf(['INFO b.js', ...TRACE, 'INFO c'])
    const { lines } = foldingOf(store)
    const found: LogMatches[] = []
    const options = { query: 'b.js', regex: false, caseSensitive: false, signal: new AbortController().signal, scanner: () => ({ scan: async () => [], close: () => {} }) }
    for await (const item of searchStore(store, { ...options, rowOf: (line) => lines.rowOf(line).row, isInside: (line) => lines.rowOf(line).folded })) found.push(item)
    expect(found.map(({ lines: rows, inside, total }) => [[...rows], [...(inside ?? [])], total])).toEqual([[[0, 1], [1], 2]])
  })
})

describe('any log', () => {
  const text = fc.constantFrom('INFO a', 'ERROR b', '  at a (a.js:1)', '', 'Caused by: x', '{', '}', 'panic: x', 'goroutine 1 [running]:', 'main.main()')
  const line = fc.record({ text, source: fc.nat(2), stderr: fc.boolean() })

  it('opening everything gives every line once, in order; folding it gives what was', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 120 }), fc.boolean(), async (made, some) => {
        const store = storeOf(made)
        const index = some ? await filtered(store, { include: [term('a')], context: 1 }) : foldingOf(store).lines
        const before = shown(index)
        const { endRow, folded } = index.figures()
        expect(before).toHaveLength(endRow)
        const all = endRow + folded
        for (let row = 0; row < index.figures().endRow; row++) index.fold(row, true)
        expect(index.figures()).toMatchObject({ endRow: all, folded: 0 })
        const numbers = [...(index.window(0, 2_000).lines ?? [])]
        expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b))
        if (!some) expect(numbers).toHaveLength(made.length)
        for (const number of numbers) expect(index.rowOf(number).folded).toBe(false)
        for (let row = 0; row < index.figures().endRow; row++) index.fold(row, false)
        expect(shown(index)).toEqual(before)
        expect(index.figures()).toMatchObject({ endRow, folded })
        store.close()
      }),
    )
  })

  it('is the same whether it is looked at at once or line by line', () => {
    fc.assert(
      fc.property(fc.array(line, { maxLength: 80 }), (made) => {
        const store = storeOf([])
        const slow = new Folding(store, () => undefined)
        for (const one of made) {
          add(store, one)
          slow.run()
        }
        expect(shown(slow.lines)).toEqual(shown(foldingOf(store).lines))
        store.close()
      }),
    )
  })
})
