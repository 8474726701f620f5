/** A log of 2 400 lines for the screenshots: levels, ANSI colours, JSON, Korean, a stack trace. */
import type { MethodHandlers, StreamHandlers } from '../../engine/link/handlers.ts'
import { LOG_STDERR } from '../../engine/contract/models.ts'
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
]
const TOTAL = 2_400
const lineOf = (n: number): string => PATTERN[n % PATTERN.length] ?? ''

export function logMethods(): Partial<MethodHandlers> {
  return {
    'logs.open': async () => ({ viewId: 'view-1' }),
    'logs.close': async () => ({}),
    'logs.window': async ({ from, count }) => {
      const numbers = Array.from({ length: Math.max(0, Math.min(count, TOTAL - from)) }, (_, n) => from + n)
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
        times: Float64Array.from(numbers, (n) => NOW - (TOTAL - n) * 190),
        flags: Uint8Array.from(numbers, (n) => (/ERROR|^ {4}at/.test(lineOf(n)) ? LOG_STDERR : 0)),
      }
    },
  }
}

export function logStreams(): Partial<StreamHandlers> {
  return {
    'logs.watch': async function* ({ viewId }, { signal }) {
      yield { viewId, firstLine: 0, endLine: TOTAL, bytes: 182_000, droppedLines: 0, moreBefore: true, status: 'following' }
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
    },
    'logs.search': async function* ({ query }) {
      const lines = Array.from({ length: TOTAL }, (_, n) => n).filter((n) => lineOf(n).includes(query))
      yield { lines: Uint32Array.from(lines), total: lines.length, scanned: 1, done: true }
    },
  }
}
