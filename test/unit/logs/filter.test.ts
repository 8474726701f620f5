import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { NaruError } from '../../../engine/contract/errors.ts'
import { LOG_CONTEXT, LOG_GAP, LOG_STDERR } from '../../../engine/contract/models.ts'
import type { LogFilter, LogWindow } from '../../../engine/contract/models.ts'
import { exportStore } from '../../../engine/logs/export.ts'
import { FilterIndex } from '../../../engine/logs/filter-index.ts'
import { createMatcher } from '../../../engine/logs/match.ts'
import type { SearchQuery } from '../../../engine/logs/match.ts'
import { RowList } from '../../../engine/logs/row-list.ts'
import { searchStore } from '../../../engine/logs/search.ts'
import type { RegexScanner } from '../../../engine/logs/search.ts'
import { LogStore } from '../../../engine/logs/store.ts'

const MB = 1024 * 1024
let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'naru-filter-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const everything: LogFilter = { include: [], exclude: [], levels: [], stream: 'all', sources: [], context: 0, fromLine: 0, since: null, until: null }
const term = (query: string, regex = false) => ({ query, regex, caseSensitive: false })
/** Patterns in this thread: those of the tests come back. */
const scanner = (query: SearchQuery): RegexScanner => ({ scan: async (chunk) => createMatcher(query)(chunk), close: () => undefined })

const store = (options: { memoryBytes?: number; capBytes?: number } = {}) => new LogStore({ folder, name: 'view', capBytes: 1024 * MB, ...options })
function add(to: LogStore, text: string, flags = 0, source = 0, time = 0): void {
  const bytes = Buffer.from(text)
  to.append(bytes, 0, bytes.length, time, flags, source)
}
const open = (held: LogStore, filter: Partial<LogFilter>) => new FilterIndex(held, { id: 1, filter: { ...everything, ...filter }, scanner, onNews: () => undefined })

function textsOf(shown: LogWindow): string[] {
  const bytes = Buffer.from(shown.text)
  return Array.from(shown.ends, (end, index) => bytes.subarray(index ? shown.ends[index - 1] : 0, end).toString())
}
async function shown(held: LogStore, filter: Partial<LogFilter>): Promise<string[]> {
  const index = open(held, filter)
  await index.run()
  const rows = textsOf(index.window(0, 2_000))
  index.close()
  return rows
}

describe('which lines pass', () => {
  const lines = ['INFO start', 'ERROR broken', '    at f (a.js:1)', '    at g (a.js:2)', 'INFO Ping 1', 'plain', 'WARN ping 2']
  const held = (): LogStore => {
    const made = store()
    lines.forEach((line, index) => add(made, line, index === 5 ? LOG_STDERR : 0))
    return made
  }

  it('all that is included, none that is excluded, whatever the case', async () => {
    expect(await shown(held(), { include: [term('ping')] })).toEqual(['INFO Ping 1', 'WARN ping 2'])
    expect(await shown(held(), { include: [term('ping')], exclude: [term('warn')] })).toEqual(['INFO Ping 1'])
    expect(await shown(held(), { include: [term('ping'), term('info')] })).toEqual(['INFO Ping 1'])
    expect(await shown(held(), { include: [term('p.ng \\d$', true)], exclude: [term('^warn', true)] })).toEqual(['INFO Ping 1'])
  })

  it('by level, with what goes on with a line of it', async () => {
    expect(await shown(held(), { levels: ['error'] })).toEqual(lines.slice(1, 4))
    expect(await shown(held(), { levels: ['warn', 'unknown'] })).toEqual(['plain', 'WARN ping 2'])
  })

  it('what goes on is of the same stream and container, whatever came in between', async () => {
    const made = store()
    add(made, 'ERROR broken')
    add(made, 'WARN slow', LOG_STDERR)
    add(made, 'INFO other', 0, 1)
    add(made, '    at f (a.js:1)')
    expect(await shown(made, { levels: ['error'] })).toEqual(['ERROR broken', '    at f (a.js:1)'])
  })

  it('by stream, and from a line on', async () => {
    expect(await shown(held(), { stream: 'stderr' })).toEqual(['plain'])
    expect(await shown(held(), { stream: 'stdout', fromLine: 4 })).toEqual(['INFO Ping 1', 'WARN ping 2'])
  })

  it('by time: from a moment on, before another; gaps always, lines without a time never', async () => {
    const made = store()
    for (let second = 0; second < 5; second++) add(made, `INFO ${second}`, 0, 0, second * 1000)
    add(made, 'INFO timeless', 0, 0, Number.NaN)
    add(made, '12', LOG_GAP, 0, 9000)
    expect(await shown(made, { since: 1000, until: 3000 })).toEqual(['INFO 1', 'INFO 2', '12'])
    expect(await shown(made, { since: 3500, include: [term('info')] })).toEqual(['INFO 4', '12'])
    expect(await shown(made, { until: 1, levels: ['info'] })).toEqual(['INFO 0', '12'])
  })

  it('with lines around, marked as such, each once', async () => {
    const index = open(held(), { include: [term('ping')], context: 1 })
    await index.run()
    const rows = index.window(0, 10)
    expect(textsOf(rows)).toEqual(lines.slice(3))
    expect([...rows.flags].map((bits) => (bits & LOG_CONTEXT) !== 0)).toEqual([true, false, true, false])
    expect([...(rows.lines ?? [])]).toEqual([3, 4, 5, 6])
    expect(index.figures()).toMatchObject({ firstRow: 0, endRow: 4, passed: 2, scanned: 1 })
  })

  it('a gap is always a row: what is missing may have passed', async () => {
    const made = held()
    add(made, '12', LOG_GAP)
    expect(await shown(made, { include: [term('ping')] })).toEqual(['INFO Ping 1', 'WARN ping 2', '12'])
  })

  it('a pattern that is none is refused, with the field it stands in', () => {
    expect(() => open(held(), { include: [term('(', true)] })).toThrow(expect.objectContaining({ code: 'invalid-request', hint: 'pattern' }) as Error)
  })

  it('a pattern that does not come back ends the filter with its reason', async () => {
    const slow = () => ({ scan: () => Promise.reject(new NaruError('timeout', 'too long', { hint: 'pattern-slow' })), close: () => undefined })
    const index = new FilterIndex(held(), { id: 1, filter: { ...everything, include: [term('x', true)] }, scanner: slow, onNews: () => undefined })
    await index.run()
    expect(index.figures().error).toMatchObject({ code: 'timeout', hint: 'pattern-slow' })
  })
})

describe('a growing, dropping store', () => {
  it('has the rows a look at everything at once would find', async () => {
    const batch = fc.array(fc.constantFrom('a', 'b', 'hit', 'hit b', 'x'), { maxLength: 30 })
    await fc.assert(
      fc.asyncProperty(fc.array(batch, { minLength: 1, maxLength: 8 }), fc.integer({ min: 0, max: 4 }), async (batches, context) => {
        const held = store()
        const index = open(held, { include: [term('hit')], context })
        for (const lines of batches) {
          lines.forEach((line) => add(held, line))
          await index.run()
        }
        const all = batches.flat()
        const near = (line: number): boolean => all.slice(Math.max(0, line - context), line + context + 1).some((text) => text.includes('hit'))
        const expected = all.flatMap((_, line) => (near(line) ? [line] : []))
        const rows = index.window(0, 2_000)
        expect([...(rows.lines ?? [])]).toEqual(expected)
        expect(textsOf(rows)).toEqual(expected.map((line) => all[line]))
        expected.forEach((line, row) => expect(index.rowOf(line)).toBe(row))
        held.close()
      }),
      { numRuns: 60 },
    )
  })

  it('keeps the numbers of rows when old lines are dropped, on disk and in memory alike', async () => {
    const held = store({ memoryBytes: MB, capBytes: 4 * MB })
    const index = open(held, { include: [term('7 ')] })
    for (let line = 0; line < 120_000; line++) {
      add(held, `line ${line} `.padEnd(100, '.'))
      if (line % 20_000 === 0) await index.run()
    }
    await index.run()
    const { firstRow, endRow } = index.figures()
    expect(held.firstLine).toBeGreaterThan(0)
    expect(firstRow).toBeGreaterThan(0)
    const rows = index.window(firstRow, 10)
    expect(rows.from).toBe(firstRow)
    expect(textsOf(rows).every((text) => /7 /.test(text))).toBe(true)
    expect(rows.lines?.[0]).toBeGreaterThanOrEqual(held.firstLine)
    expect(textsOf(index.window(endRow - 1, 1))[0]).toMatch(/^line 119997 /)
    expect(index.window(0, 10).from).toBe(firstRow)
  })

  it('is searched and exported by its rows', async () => {
    const held = store()
    for (let line = 0; line < 10_000; line++) add(held, `line ${line}`)
    const index = open(held, { include: [term('5')] })
    await index.run()
    const found: number[] = []
    const search = { query: 'line 5', regex: false, caseSensitive: true, signal: new AbortController().signal, scanner }
    for await (const part of searchStore(held, { ...search, rowOf: (line) => index.rowOf(line) })) found.push(...part.lines)
    expect(textsOf(index.window(found[1] as number, 1))).toEqual(['line 50'])
    expect(found).toHaveLength(1_111)
    let text = ''
    for await (const piece of exportStore(held, { timestamps: false, stripAnsi: false, signal: search.signal, runs: index.runs() })) text += Buffer.from(piece).toString()
    expect(text.trimEnd().split('\n')).toEqual(Array.from({ length: 10_000 }, (_, line) => `line ${line}`).filter((line) => line.includes('5')))
  })
})

it('rows are found by their line', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 100_000 }), { maxLength: 300 }), fc.integer({ min: 0, max: 100_000 }), (numbers, drop) => {
      const lines = numbers.sort((a, b) => a - b)
      const rows = new RowList()
      lines.forEach((line) => rows.push(line, line % 3 === 0))
      rows.dropBefore(drop)
      expect(rows.end).toBe(lines.length)
      expect(rows.first).toBe(lines.filter((line) => line < drop).length)
      for (let row = rows.first; row < rows.end; row++) {
        expect(rows.rowAt(lines[row] as number)).toBe(row)
        expect(rows.isMarked(row)).toBe((lines[row] as number) % 3 === 0)
      }
    }),
  )
})
