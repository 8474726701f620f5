/** A log of 2 400 lines for the screenshots: levels, ANSI colours, JSON, logfmt, Korean, addresses, stack traces. */
import type { MethodHandlers, StreamHandlers } from '../../engine/link/handlers.ts'
import { LOG_CONTEXT, LOG_INSIDE, LOG_STDERR, LOG_UNFOLDED } from '../../engine/contract/models.ts'
import type { LogFilter, LogViewState } from '../../engine/contract/models.ts'
import { LOG_LEVELS, detectLevel } from '../../engine/logs/level.ts'
import { TimeSlots } from '../../engine/logs/time-slots.ts'
import { stepTrace } from '../../engine/logs/trace.ts'
import type { TraceState } from '../../engine/logs/trace.ts'
import type { Scenario } from './scenarios.ts'
import { NOW } from './seed.ts'

const PATTERN: readonly string[] = [
  'GET /orders/1842 200 12ms',
  '\u001b[32mINFO\u001b[0m cache warmed: 1 204 keys in 38 ms',
  '\u001b[33mWARN\u001b[0m slow query (812 ms): SELECT * FROM orders WHERE customer_id = $1 AND created_at > $2 ORDER BY created_at DESC LIMIT 50',
  'ERROR Error: connect ECONNREFUSED 172.20.0.4:6379',
  '    at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1610:16)',
  'retrying in 500 ms, see https://docs.example.com/redis/retry#backoff.',
  '{"level":"info","order":1843,"total":129000,"currency":"KRW","note":"주문이 접수되었습니다"}',
  'redis: connected',
  '│ 상품   │ 수량 │ 🚚 │\t| wide │',
  '{"level":"info","order":1844,"total":48000,"currency":"KRW","customer":{"id":77,"tier":"gold"},"items":[{"sku":"A-100","count":2},{"sku":"B-7","count":1}],"trace":"https://traces.example.com/t/4bf92f3577b34da6"}',
  'time="2026-11-27T03:04:05Z" level=info msg="order stored" order=1844 took=12ms',
  'ERROR 1 --- [nio-8080-exec-3] c.e.shop.OrderController : order 1845 failed',
  'java.lang.IllegalStateException: payment was refused',
  '\tat com.example.shop.PaymentClient.charge(PaymentClient.java:88) ~[shop.jar:2.4.1]',
  '\tat com.example.shop.OrderService.place(OrderService.java:41) ~[shop.jar:2.4.1]',
  '\tat java.base/java.lang.Thread.run(Thread.java:1583) [na:na]',
  'Caused by: java.net.SocketTimeoutException: Read timed out',
  '\tat java.base/sun.nio.ch.NioSocketImpl.timedRead(NioSocketImpl.java:278)',
  '\t... 3 more',
]
const TOTAL = 2_400
/** Waves of traffic, and a quiet minute. */
const timeOf = (n: number): number => NOW - (TOTAL - n) * 190 - Math.sin(n / 260) * 38_000 - (n < 900 ? 60_000 : 0)
let many = 1
const sourceOf = (n: number): number => Math.floor(n / PATTERN.length) % many
const lineOf = (n: number): string => PATTERN[n % PATTERN.length] ?? ''

/** Rows of the filter that was set last: line numbers. Enough of a filter for pictures. */
let rows: readonly number[] = []
let passing = 0
let told: () => void = () => undefined
function passes(n: number, { include, exclude, levels, sources, since, until }: LogFilter): boolean {
  if (sources.length > 0 && !sources.includes(sourceOf(n))) return false
  if ((since !== null && timeOf(n) < since) || (until !== null && timeOf(n) >= until)) return false
  const has = ({ query }: { readonly query: string }): boolean => lineOf(n).toLowerCase().includes(query.toLowerCase())
  return include.every(has) && !exclude.some(has) && (levels.length === 0 || levels.includes(detectLevel(lineOf(headOf(n)))))
}
function setFilter(filter: LogFilter): void {
  const all = Array.from({ length: TOTAL }, (_, n) => n)
  const hit = all.map((n) => passes(n, filter))
  passing = hit.filter(Boolean).length
  rows = all.filter((n) => hit.slice(Math.max(0, n - filter.context), n + filter.context + 1).includes(true))
  told()
}

/** For each line the first line of its trace, its own number when it begins none. */
const heads: number[] = []
for (let n = 0, state: TraceState = 'none'; n < TOTAL; n += 1) {
  const step = stepTrace(lineOf(n), state, () => detectLevel(lineOf(n - 1)) === 'error')
  heads.push(step.joins ? (heads[n - 1] ?? n) : n)
  ;({ state } = step)
}
const headOf = (n: number): number => heads[n] ?? n
const opened = new Set<number>()
const below = (filterId: number | undefined): readonly number[] => (filterId === undefined ? heads.map((_, n) => n) : rows)
/** Lines that are rows. */
function shownRows(filterId: number | undefined, folded: boolean | undefined): readonly number[] {
  const all = below(filterId)
  if (!folded) return all
  const there = new Set(all)
  return all.filter((n) => headOf(n) === n || opened.has(headOf(n)) || !there.has(headOf(n)))
}
const foldsOf = (n: number): number => (headOf(n) === n ? heads.slice(n, n + 20).filter((head) => head === n).length - 1 : 0)
const foldState = (filterId: number | undefined) => {
  const endRow = shownRows(filterId, true).length
  return { firstRow: 0, endRow, folded: below(filterId).length - endRow }
}

const flagsOf = (filterId: number | undefined) => (n: number): number =>
  (/ERROR|^\s+at |Exception|^Caused|^\t/.test(lineOf(n)) ? LOG_STDERR : 0) |
  (headOf(n) === n ? 0 : LOG_INSIDE) |
  (opened.has(n) ? LOG_UNFOLDED : 0) |
  (filterId !== undefined && detectLevel(lineOf(headOf(n))) !== 'error' ? LOG_CONTEXT : 0)

export type LogMood = 'dropped' | 'ended' | 'reconnecting' | 'failed' | 'quiet'
const MOODS: Readonly<Record<LogMood, Partial<LogViewState>>> = {
  dropped: { droppedLines: 41_882, moreBefore: false },
  ended: { status: 'ended', moreBefore: false },
  reconnecting: { status: 'reconnecting' },
  failed: { status: 'failed', error: { code: 'not-found', message: 'no such container', params: { name: 'web' }, retryable: false, detail: 'No such container: c601b4a530a1' } },
  quiet: { status: 'following', endLine: 0, bytes: 0, moreBefore: false },
}

export function logMethods(): Partial<MethodHandlers> {
  return {
    'logs.open': async ({ containerIds }) => {
      many = containerIds.length
      return { viewId: 'view-1' }
    },
    'logs.join': async () => ({}),
    'logs.close': async () => ({}),
    'logs.place': async ({ at, filterId, folded }) => {
      const line = 'line' in at ? at.line : heads.findIndex((_, n) => timeOf(n) >= at.time)
      const all = shownRows(filterId, folded)
      const row = all.includes(line) ? all.indexOf(line) : folded && all.includes(headOf(line)) ? all.indexOf(headOf(line)) : all.findIndex((n) => n >= line)
      return { row, line, firstTime: timeOf(0), folded: all[row] !== line && all[row] === headOf(line) }
    },
    'logs.fold': async ({ filterId, row, open }) => {
      const before = shownRows(filterId, true)
      const head = headOf(before[row] ?? 0)
      if (open) opened.add(head)
      else opened.delete(head)
      told()
      return { row: before.indexOf(head), lines: shownRows(filterId, true).length - before.length }
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
    'logs.window': async ({ from, count, filterId, folded }) => {
      const all = shownRows(filterId, folded)
      const numbers = all.slice(from, from + count)
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
        lines: Uint32Array.from(numbers),
        ...(folded && { folds: Uint32Array.from(numbers, foldsOf) }),
        flags: Uint8Array.from(numbers, flagsOf(filterId)),
      }
    },
  }
}

export function logStreams({ log }: Scenario): Partial<StreamHandlers> {
  return {
    'logs.watch': async function* ({ viewId }, { signal }) {
      const state = { viewId, firstLine: 0, endLine: TOTAL, bytes: 182_000, droppedLines: 0, moreBefore: true, status: 'following', ...(log && MOODS[log]) } as const
      yield { ...state, folds: foldState(undefined) }
      while (!signal.aborted) {
        await new Promise<void>((resolve) => {
          told = resolve
          signal.addEventListener('abort', () => resolve(), { once: true })
        })
        yield { ...state, folds: foldState(undefined), filter: { id: 1, firstRow: 0, endRow: rows.length, passed: passing, scanned: 1, folds: foldState(1) } }
      }
    },
    'logs.histogram': async function* ({ filter, since, until, bars }, { signal }) {
      const slots = new TimeSlots()
      for (let n = 0; n < TOTAL; n += 1) {
        const level = detectLevel(lineOf(headOf(n)))
        if (!filter || passes(n, filter)) slots.add(timeOf(n), LOG_LEVELS.indexOf(level), n)
      }
      yield { ...slots.bars(since, until, bars), scanned: 1 }
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
    },
    'logs.search': async function* ({ query, filterId, folded }) {
      const all = shownRows(filterId, folded)
      const hits = below(filterId).filter((n) => lineOf(n).includes(query))
      const rowOf = (n: number): number => (all.includes(n) ? all.indexOf(n) : all.indexOf(headOf(n)))
      const inside = hits.filter((n) => !all.includes(n)).map(rowOf)
      yield { lines: Uint32Array.from(new Set(hits.map(rowOf))), inside: Uint32Array.from(inside), total: hits.length, scanned: 1, done: true }
    },
  }
}
