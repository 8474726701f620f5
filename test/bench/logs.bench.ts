/**
 * Figures of the log pipeline. Those that need no engine run anywhere; the ratio against `docker logs` runs when the
 * context names an engine. Every figure is a median of the given rounds unless it says otherwise.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { EngineClient } from '../../engine/docker/engine-client.ts'
import { LogDemux } from '../../engine/logs/demux.ts'
import { searchStore } from '../../engine/logs/search.ts'
import type { LogStore } from '../../engine/logs/store.ts'
import { LogView } from '../../engine/logs/view.ts'

export interface BenchContext {
  /** Rounds per figure; default 3. */
  readonly rounds?: number
  /** Lines of the memory figure; default 10 million. */
  readonly memoryLines?: number
  /** A running engine with the docker CLI: adds the ratio against `docker logs`. */
  readonly engine?: {
    readonly client: EngineClient
    readonly dockerCli: string
    readonly socketPath: string
    /** Stopped container that printed at least a million lines of about 119 bytes. */
    readonly containerId: string
  }
}

export interface BenchFigure {
  readonly name: string
  readonly figure: number
  readonly unit: string
  /** The bound, read with the unit: `>= 2000000`. */
  readonly budget: string
  readonly ratio?: number
}

const SECONDS = 1_790_000_000
/** Text of a line, so that it measures 119 bytes as in the field notes. */
const TEXT = 'the quick brown fox jumps over the lazy dog, again and again; '.repeat(2).slice(0, 108)

/** Frames of `lines` numbered lines of 119 bytes, one nanosecond apart, as Docker sends them. */
export function frames(first: number, lines: number): Buffer {
  const parts: string[] = []
  for (let line = first; line < first + lines; line++) {
    const stamp = new Date(SECONDS * 1000 + Math.floor(line / 1000)).toISOString().slice(0, 23)
    const payload = `${stamp}${String(line % 1000).padStart(3, '0')}000Z ${String(line).padStart(10, '0')} ${TEXT}\n`
    parts.push(`\u0001\0\0\0\0\0\0${String.fromCharCode(payload.length)}${payload}`)
  }
  return Buffer.from(parts.join(''), 'latin1')
}

function median(values: readonly number[]): number {
  return [...values].sort((one, other) => one - other)[values.length >> 1] ?? Number.NaN
}

/** One round more than asked for, the first not counted: it only warms the code up. */
async function repeat(rounds: number, measure: () => Promise<number> | number): Promise<number> {
  await measure()
  const values: number[] = []
  for (let round = 0; round < rounds; round++) values.push(await measure())
  return median(values)
}

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

/** Lines per second through client, frame machine and store, in this thread. */
async function readThrough(client: EngineClient, id: string): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'naru-bench-logs-'))
  const view = new LogView({ folder, name: 'bench', capBytes: CAP, sources: 1 })
  try {
    view.begin(0, false, 0)
    const signal = AbortSignal.timeout(300_000)
    const began = performance.now()
    for await (const piece of client.logs(id, { follow: false, timestamps: true, signal })) view.write(0, piece, 0)
    view.end(0, true)
    return (view.store.endLine / (performance.now() - began)) * 1000
  } finally {
    view.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Lines per second of `docker logs` with its output thrown away. */
function dockerLogs(cli: string, socketPath: string, id: string, lines: number): Promise<number> {
  const began = performance.now()
  return new Promise((resolve, reject) => {
    const child = spawn(cli, ['-H', `unix://${socketPath}`, 'logs', '--timestamps', id], { stdio: 'ignore' })
    child.once('error', reject)
    child.once('exit', () => resolve((lines / (performance.now() - began)) * 1000))
  })
}

async function againstDocker({ client, dockerCli, socketPath, containerId }: NonNullable<BenchContext['engine']>, rounds: number): Promise<BenchFigure> {
  let lines = 0
  const demux = new LogDemux({ tty: false, timestamps: true }, { line: () => lines++ })
  const signal = AbortSignal.timeout(300_000)
  for await (const piece of client.logs(containerId, { follow: false, timestamps: true, signal })) demux.write(piece)
  const ours: number[] = []
  const theirs: number[] = []
  // In turns, so that whatever else the machine does weighs on both.
  for (let round = 0; round < rounds; round++) {
    theirs.push(await dockerLogs(dockerCli, socketPath, containerId, lines))
    ours.push(await readThrough(client, containerId))
  }
  const ratio = median(ours) / median(theirs)
  return { name: 'logs: reading, against docker logs', figure: median(ours), unit: 'lines/s', budget: 'ratio >= 0.9', ratio }
}

/** All figures; the one against `docker logs` only with an engine. */
export async function bench(context: BenchContext = {}): Promise<BenchFigure[]> {
  const rounds = context.rounds ?? 3
  const lines = 1_000_000
  const memoryLines = context.memoryLines ?? 10_000_000
  const growth = memory(memoryLines)
  const input = frames(0, lines)
  const figures: BenchFigure[] = [
    { name: `logs: growth at ${memoryLines / 1e6} M lines of 119 bytes`, figure: growth, unit: 'MB', budget: '<= 200' },
    {
      name: 'logs: frame machine alone',
      figure: await repeat(rounds, () => demuxOnly(input, lines)),
      unit: 'lines/s',
      budget: '>= 2000000',
    },
    {
      name: 'logs: pipeline with store and spilling',
      figure: await repeat(rounds, () => pipeline(input, lines)),
      unit: 'lines/s',
      budget: '>= 2000000',
    },
  ]
  await withStore(async (folder) => {
    const view = filled(folder, lines)
    const measures = [
      ['text', '0000999999', true],
      ['text, any case', '0000999999 THE', false],
      ['common text', 'quick', true],
    ] as const
    for (const [name, query, caseSensitive] of measures) {
      figures.push({
        name: `logs: search 1 M lines, ${name}`,
        figure: await repeat(rounds, () => search(view.store, query, false, caseSensitive)),
        unit: 'ms',
        budget: '<= 150',
      })
    }
    view.close()
  })
  if (context.engine) figures.push(await againstDocker(context.engine, rounds))
  return figures
}
