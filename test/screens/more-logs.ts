/** A log of 2 400 lines for the screenshots: levels, ANSI colours, JSON, Korean, a stack trace. */
import type { MethodHandlers, StreamHandlers } from '../../engine/link/handlers.ts'
import { LOG_CONTEXT, LOG_STDERR } from '../../engine/contract/models.ts'
import type { LogFilter } from '../../engine/contract/models.ts'
import { LOG_LEVELS, detectLevel } from '../../engine/logs/level.ts'
import { TimeSlots } from '../../engine/logs/time-slots.ts'
import { NOW } from './seed.ts'

const PATTERN: readonly string[] = [
  'GET /orders/1842 200 12ms',
  '\u001b[32mINFO\u001b[0m cache warmed: 1 204 keys in 38 ms',
  '\u001b[33mWARN\u001b[0m slow query (812 ms): SELECT * FROM orders WHERE customer_id = $1 AND created_at > $2 ORDER BY created_at DESC LIMIT 50',
  'ERROR Error: connect ECONNREFUSED 172.20.0.4:6379',
  '    at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1610:16)',
  'retrying in 500 ms',
  '{"level":"info","order":1843,"total":129000,"currency":"KRW","note":"주문이 접수되었습니다"}',
  'redis: connected',
  '│ 상품   │ 수량 │ 🚚 │\t| wide │',
]
const TOTAL = 2_400
/** Waves of traffic, and a quiet minute. */
const timeOf = (n: number): number => NOW - (TOTAL - n) * 190 - Math.sin(n / 260) * 38_000 - (n < 900 ? 60_000 : 0)
let many = 1
const sourceOf = (n: number): number => (n % 13) % many
const lineOf = (n: number): string => PATTERN[n % PATTERN.length] ?? ''

/** Rows of the filter that was set last: line numbers. Enough of a filter for pictures. */
let rows: readonly number[] = []
let passing = 0
let told: () => void = () => undefined
function passes(n: number, { include, exclude, levels, sources, since, until }: LogFilter): boolean {
  if (sources.length > 0 && !sources.includes(sourceOf(n))) return false
  if ((since !== null && timeOf(n) < since) || (until !== null && timeOf(n) >= until)) return false
  const has = ({ query }: { readonly query: string }): boolean => lineOf(n).toLowerCase().includes(query.toLowerCase())
  return include.every(has) && !exclude.some(has) && (levels.length === 0 || levels.includes(detectLevel(lineOf(n))))
}
function setFilter(filter: LogFilter): void {
  const all = Array.from({ length: TOTAL }, (_, n) => n)
  const hit = all.map((n) => passes(n, filter))
  passing = hit.filter(Boolean).length
  rows = all.filter((n) => hit.slice(Math.max(0, n - filter.context), n + filter.context + 1).includes(true))
  told()
}

export function logMethods(): Partial<MethodHandlers> {
  return {
    'logs.open': async ({ containerIds }) => {
      many = containerIds.length
      return { viewId: 'view-1' }
    },
    'logs.join': async () => ({}),
    'logs.close': async () => ({}),
    'logs.place': async ({ at, filterId }) => {
      const line = 'line' in at ? at.line : Array.from({ length: TOTAL }, (_, n) => n).findIndex((n) => timeOf(n) >= at.time)
      const row = filterId === undefined ? line : rows.findIndex((n) => n >= line)
      return { row, line, firstTime: timeOf(0), folded: false }
    },
    'logs.mark': async ({ row }) => ({ mark: { source: sourceOf(row), time: timeOf(row), nth: 0 } }),
    'logs.find': async ({ mark }) => {
      const line = Array.from({ length: TOTAL }, (_, n) => n).findIndex((n) => timeOf(n) === mark.time)
      return { line: line < 0 ? null : line, row: line < 0 ? null : line, folded: false, firstTime: timeOf(0), lastTime: timeOf(TOTAL - 1) }
    },
    'logs.filter': async ({ filter }) => {
      if (filter) setFilter(filter)
      return { filterId: 1 }
    },
    'logs.window': async ({ from, count, filterId }) => {
      const shown = filterId === undefined ? null : rows
      const numbers = Array.from({ length: Math.max(0, Math.min(count, (shown?.length ?? TOTAL) - from)) }, (_, n) => shown?.[from + n] ?? from + n)
      const encoder = new TextEncoder()
      const parts = numbers.map((n) => encoder.encode(lineOf(n)))
      const ends = new Uint32Array(parts.length)
      const text = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
      let at = 0
      for (const [n, part] of parts.entries()) {
        text.set(part, at)
        at += part.length
        ends[n] = at
      }
      return {
        from, text, ends,
        ...(many > 1 && { sources: Uint8Array.from(numbers, sourceOf) }),
        times: Float64Array.from(numbers, timeOf),
        flags: Uint8Array.from(numbers, (n) => (/ERROR|^ {4}at/.test(lineOf(n)) ? LOG_STDERR : 0) | (shown && detectLevel(lineOf(n)) !== 'error' ? LOG_CONTEXT : 0)),
      }
    },
  }
}

export function logStreams(): Partial<StreamHandlers> {
  return {
    'logs.watch': async function* ({ viewId }, { signal }) {
      const state = { viewId, firstLine: 0, endLine: TOTAL, bytes: 182_000, droppedLines: 0, moreBefore: true, status: 'following' } as const
      yield state
      while (!signal.aborted) {
        await new Promise<void>((resolve) => {
          told = resolve
          signal.addEventListener('abort', () => resolve(), { once: true })
        })
        yield { ...state, filter: { id: 1, firstRow: 0, endRow: rows.length, passed: passing, scanned: 1 } }
      }
    },
    'logs.histogram': async function* ({ filter, since, until, bars }, { signal }) {
      const slots = new TimeSlots()
      for (let n = 0; n < TOTAL; n += 1) {
        const level = /^ {4}at/.test(lineOf(n)) ? 'error' : detectLevel(lineOf(n))
        if (!filter || passes(n, filter)) slots.add(timeOf(n), LOG_LEVELS.indexOf(level), n)
      }
      yield { ...slots.bars(since, until, bars), scanned: 1 }
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
    },
    'logs.search': async function* ({ query }) {
      const lines = Array.from({ length: TOTAL }, (_, n) => n).filter((n) => lineOf(n).includes(query))
      yield { lines: Uint32Array.from(lines), total: lines.length, scanned: 1, done: true }
    },
  }
}
