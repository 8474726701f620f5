import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { LOG_GAP } from '../../../engine/contract/models.ts'
import type { LogFilter, LogHistogram } from '../../../engine/contract/models.ts'
import { HistogramIndex } from '../../../engine/logs/histogram.ts'
import { LOG_LEVELS } from '../../../engine/logs/level.ts'
import { createMatcher } from '../../../engine/logs/match.ts'
import { firstTime, lineAt } from '../../../engine/logs/place.ts'
import { LogStore } from '../../../engine/logs/store.ts'

const MB = 1024 * 1024
const T = Date.UTC(2026, 10, 27, 12)
const everything: LogFilter = { include: [], exclude: [], levels: [], stream: 'all', sources: [], context: 0, fromLine: 0, since: null, until: null }
let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'naru-histogram-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const store = (options: { memoryBytes?: number; capBytes?: number } = {}) => new LogStore({ folder, name: 'view', capBytes: 1024 * MB, ...options })
function add(to: LogStore, text: string, time: number, flags = 0): void {
  const bytes = Buffer.from(text)
  to.append(bytes, 0, bytes.length, time, flags, 0)
}
const open = (held: LogStore, filter: Partial<LogFilter> | null = null, onNews = () => {}) =>
  new HistogramIndex(held, { filter: filter && { ...everything, ...filter }, scanner: (query) => ({ scan: async (chunk) => createMatcher(query)(chunk), close: () => {} }), onNews })
function levelsOf({ counts }: LogHistogram): Record<string, number> {
  const sums: Record<string, number> = {}
  counts.forEach((count, index) => {
    const level = LOG_LEVELS[index % LOG_LEVELS.length] as string
    if (count > 0) sums[level] = (sums[level] ?? 0) + count
  })
  return sums
}

describe('the histogram of a store', () => {
  it('counts what is held, then what comes; a trace has the level of its error; gaps are no lines', async () => {
    const held = store()
    const index = open(held)
    add(held, 'INFO a', T)
    add(held, 'ERROR b', T + 1000)
    add(held, '   at b (b.js:1)', T + 1000)
    add(held, '17', T + 1500, LOG_GAP)
    await index.run()
    expect(levelsOf(index.bars(null, null, 100))).toEqual({ info: 1, error: 2 })
    add(held, 'WARN c', T + 2000)
    expect(index.bars(null, null, 100).scanned).toBe(0.8)
    await index.run()
    expect(levelsOf(index.bars(null, null, 100))).toEqual({ info: 1, error: 2, warn: 1 })
    expect(index.bars(null, null, 100).scanned).toBe(1)
  })

  it('counts only what passes words, levels and stream; its range of time does not matter', async () => {
    const held = store()
    for (let line = 0; line < 3000; line++) add(held, `${line % 3 ? 'INFO' : 'ERROR'} ${line % 2 ? 'ping' : 'pong'}`, T + line)
    const counted = async (filter: Partial<LogFilter>) => {
      const index = open(held, filter)
      await index.run()
      return levelsOf(index.bars(null, null, 100))
    }
    expect(await counted({ include: [{ query: 'ping', regex: false, caseSensitive: false }], since: T + 5, until: T + 6 })).toEqual({ error: 500, info: 1000 })
    expect(await counted({ levels: ['error'] })).toEqual({ error: 1000 })
    expect(await counted({ exclude: [{ query: 'p.ng', regex: true, caseSensitive: false }] })).toEqual({})
    expect(await counted({ fromLine: 2999 })).toEqual({ info: 1 })
  })

  it('nothing is counted while nobody looks, and nothing is told when nothing came', async () => {
    const held = store()
    const news = vi.fn()
    for (let line = 0; line < 30_000; line++) add(held, `INFO ${line}`, T + line)
    const index = open(held, null, news)
    const running = index.run()
    index.rest()
    await running
    expect(index.bars(null, null, 100).scanned).toBeLessThan(1)
    await index.run()
    expect(index.bars(null, null, 100).scanned).toBe(1)
    news.mockClear()
    await index.run()
    expect(news).not.toHaveBeenCalled()
  })

  it('lines dropped at the cap leave it, those on disk stay', async () => {
    const held = store({ memoryBytes: MB, capBytes: 4 * MB })
    const index = open(held)
    for (let line = 0; line < 60_000; line++) {
      add(held, `INFO ${line} ${'x'.repeat(100)}`, T + line)
      if (line % 10_000 === 0) await index.run()
    }
    await index.run()
    const { counts } = index.bars(null, null, 1000)
    expect(held.firstLine).toBeGreaterThan(0)
    expect(counts.reduce((sum, count) => sum + count, 0)).toBeCloseTo(held.endLine - held.firstLine, -3)
  })
})

describe('where a time is', () => {
  it('the first line not before it, wherever it lies: memory, disk, neither', () => {
    const held = store({ memoryBytes: MB })
    for (let line = 0; line < 40_000; line++) add(held, `line ${line} ${'x'.repeat(100)}`, T + line * 10)
    for (const line of [0, 1, 4095, 4096, 20_000, 39_999]) {
      expect(lineAt(held, T + line * 10)).toBe(line)
      expect(lineAt(held, T + line * 10 - 3)).toBe(line)
    }
    expect([lineAt(held, 0), lineAt(held, T * 2)]).toEqual([0, 40_000])
    expect(firstTime(held)).toBe(T)
  })

  it('lines without a time are passed over; none at all is no time', () => {
    const held = store()
    expect(firstTime(held)).toBeNull()
    for (let line = 0; line < 10; line++) add(held, 'a', line % 3 === 0 ? Number.NaN : T + line)
    expect(lineAt(held, T + 5)).toBe(5)
    expect(firstTime(held)).toBe(T + 1)
  })
})
