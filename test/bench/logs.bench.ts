/** The log pipeline without an engine: bytes to lines, lines to the store, search, memory. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LogFilter } from '../../engine/contract/models.ts'
import { LogDemux } from '../../engine/logs/demux.ts'
import { FilterIndex } from '../../engine/logs/filter-index.ts'
import { FoldIndex, linesAsRows } from '../../engine/logs/fold-index.ts'
import { HistogramIndex } from '../../engine/logs/histogram.ts'
import { LevelIndex } from '../../engine/logs/level-index.ts'
import { searchStore } from '../../engine/logs/search.ts'
import type { LogStore } from '../../engine/logs/store.ts'
import { TraceIndex } from '../../engine/logs/trace-index.ts'
import { LogView } from '../../engine/logs/view.ts'
import { repeat } from './support/figure.ts'
import type { BenchContext, BenchFigure, BenchResult } from './support/figure.ts'
import { frames } from './support/log-lines.ts'

function withStore<T>(run: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'naru-bench-logs-'))
  const clean = () => rmSync(folder, { recursive: true, force: true })
  try {
    const result = run(folder)
    if (result instanceof Promise) return result.finally(clean) as T
    clean()
    return result
  } catch (error) {
    clean()
    throw error
  }
}

const CAP = 4 * 1024 ** 3
const PIECE = 64 * 1024

/** Cut like a socket does. */
function* pieces(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += PIECE) yield bytes.subarray(at, at + PIECE)
}

/** Bytes to lines without keeping them. */
function demuxOnly(bytes: Uint8Array, lines: number): number {
  let seen = 0
  const demux = new LogDemux({ tty: false, timestamps: true }, { line: () => seen++ })
  const began = performance.now()
  for (const piece of pieces(bytes)) demux.write(piece)
  const took = performance.now() - began
  if (seen !== lines) throw new Error(`${seen} of ${lines} lines`)
  return (lines / took) * 1000
}

/** Bytes to lines in a store, spilling included. */
function pipeline(bytes: Uint8Array, lines: number): number {
  return withStore((folder) => {
    const view = new LogView({ folder, name: 'bench', capBytes: CAP, sources: 1 })
    view.begin(0, false, 0)
    const began = performance.now()
    for (const piece of pieces(bytes)) view.write(0, piece, 0)
    const took = performance.now() - began
    if (view.store.endLine !== lines) throw new Error(`${view.store.endLine} of ${lines} lines`)
    view.close()
    return (lines / took) * 1000
  })
}

async function search(store: LogStore, query: string, regex: boolean, caseSensitive: boolean): Promise<number> {
  const scanner = () => {
    throw new Error('no patterns here')
  }
  const began = performance.now()
  for await (const found of searchStore(store, { query, regex, caseSensitive, signal: new AbortController().signal, scanner })) {
    if (found.done && found.total === 0) throw new Error('nothing found')
  }
  return performance.now() - began
}

const everything: LogFilter = { include: [], exclude: [], levels: [], stream: 'all', sources: [], context: 0, fromLine: 0, since: null, until: null }
const noPatterns = () => {
  throw new Error('no patterns here')
}

/** Milliseconds until a filter has looked at all lines. */
async function filter(store: LogStore, asked: Partial<LogFilter>, levels = new LevelIndex(store)): Promise<number> {
  const began = performance.now()
  const index = new FilterIndex(store, { id: 1, filter: { ...everything, ...asked }, scanner: noPatterns, levels, onNews: () => undefined })
  await index.run()
  const took = performance.now() - began
  if (index.figures().scanned !== 1 || index.figures().passed === 0) throw new Error('the filter did not end, or nothing passed')
  index.close()
  return took
}

/** Milliseconds until all lines are counted, and of one telling of the bars. */
async function histogram(store: LogStore): Promise<{ readonly counted: number; readonly told: number }> {
  const index = new HistogramIndex(store, { filter: null, scanner: noPatterns, onNews: () => undefined })
  const began = performance.now()
  await index.run()
  const counted = performance.now() - began
  const { counts } = index.bars(null, null, 160)
  if (counts.reduce((sum, count) => sum + count, 0) !== store.endLine) throw new Error('not every line was counted')
  const asked = performance.now()
  for (let time = 0; time < 100; time++) index.bars(null, null, 160)
  const told = (performance.now() - asked) / 100
  index.close()
  return { counted, told }
}

/** Milliseconds of a filter by level over lines whose levels a histogram found before. */
async function filterCounted(store: LogStore): Promise<number> {
  const levels = new LevelIndex(store)
  const index = new HistogramIndex(store, { filter: null, scanner: noPatterns, levels, onNews: () => undefined })
  await index.run()
  index.close()
  return filter(store, { levels: ['unknown'] }, levels)
}

/** Milliseconds until every line has its place among the rows with stack traces folded. */
function folded(store: LogStore): number {
  const began = performance.now()
  const traces = new TraceIndex(store)
  const index = new FoldIndex(store, traces, linesAsRows(store))
  if (!traces.run(Infinity) || !index.run(Infinity)) throw new Error('not every line has its place')
  return performance.now() - began
}

/** A store of `lines` lines, made block by block so that the input does not count as memory. */
function filled(folder: string, lines: number): LogView {
  const view = new LogView({ folder, name: 'bench', capBytes: CAP, sources: 1 })
  view.begin(0, false, 0)
  const block = 20_000
  for (let line = 0; line < lines; line += block) view.write(0, frames(line, Math.min(block, lines - line)), 0)
  return view
}

/** Growth of the process while it takes in that many lines of 119 bytes, MB. Run it in a process of its own. */
function memory(lines: number): number {
  return withStore((folder) => {
    // Warm-up, so that code and pools do not count as growth.
    filled(join(folder, 'warm'), 50_000).close()
    globalThis.gc?.()
    const before = process.memoryUsage().rss
    let peak = before
    const view = new LogView({ folder, name: 'bench', capBytes: CAP, sources: 1 })
    view.begin(0, false, 0)
    for (let line = 0; line < lines; line += 20_000) {
      view.write(0, frames(line, 20_000), 0)
      peak = Math.max(peak, process.memoryUsage().rss)
    }
    for (let line = 0; line < lines; line += Math.floor(lines / 200)) {
      const shown = view.store.window(line, 100)
      if (shown.from !== line) throw new Error(`line ${line} is not there`)
    }
    peak = Math.max(peak, process.memoryUsage().rss)
    view.close()
    return (peak - before) / 1e6
  })
}

export async function bench({ quick }: BenchContext): Promise<BenchResult> {
  const rounds = quick ? 1 : 5
  const lines = quick ? 100_000 : 1_000_000
  const memoryLines = quick ? 500_000 : 10_000_000
  // First, while nothing else has grown the process.
  const growth = memory(memoryLines)
  const input = frames(0, lines)
  const pipelines = { of: 'figure', least: 2_000_000 } as const
  const figures: BenchFigure[] = [
    { name: `logs: growth at ${memoryLines / 1e6} M lines`, figure: growth, unit: 'MB', budget: { of: 'figure', most: 200 }, hard: true },
    { name: 'logs: frame machine alone', figure: await repeat(rounds, () => demuxOnly(input, lines)), unit: 'lines/s', budget: pipelines },
    { name: 'logs: pipeline with store and spilling', figure: await repeat(rounds, () => pipeline(input, lines)), unit: 'lines/s', budget: pipelines },
  ]
  await withStore(async (folder) => {
    const view = filled(folder, lines)
    const last = String(lines - 1).padStart(10, '0')
    const measures = [
      ['text', last, true],
      ['text, any case', `${last} THE`, false],
      ['common text', 'quick', true],
    ] as const
    for (const [name, query, caseSensitive] of measures) {
      figures.push({
        name: `logs: search ${lines / 1e6} M lines, ${name}`,
        figure: await repeat(rounds, () => search(view.store, query, false, caseSensitive)),
        unit: 'ms',
        budget: { of: 'figure', most: 150 },
      })
    }
    const filters = [
      ['a word', { include: [{ query: last, regex: false, caseSensitive: false }] }],
      ['a word as a whole', { include: [{ query: last, regex: false, caseSensitive: false, word: true }] }],
      ['a range of time', { since: 0, until: 1_790_000_000_010 }],
      ['levels', { levels: ['unknown'] }],
    ] as const
    for (const [name, asked] of filters) {
      figures.push({ name: `logs: filter ${lines / 1e6} M lines, ${name}`, figure: await repeat(rounds, () => filter(view.store, asked)), unit: 'ms' })
    }
    figures.push({ name: `logs: filter ${lines / 1e6} M lines, levels that were counted before`, figure: await repeat(rounds, () => filterCounted(view.store)), unit: 'ms' })
    figures.push({ name: `logs: stack traces of ${lines / 1e6} M lines folded`, figure: await repeat(rounds, () => folded(view.store)), unit: 'ms' })
    const told: number[] = []
    const counted = await repeat(rounds, async () => {
      const round = await histogram(view.store)
      told.push(round.told)
      return round.counted
    })
    figures.push({ name: `logs: histogram of ${lines / 1e6} M lines, counted`, figure: counted, unit: 'ms' })
    figures.push({ name: 'logs: histogram, told (at most four times a second)', figure: Math.max(...told), unit: 'ms' })
    view.close()
  })
  return { figures }
}
