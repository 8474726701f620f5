import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { StreamRule } from '../../../engine/contract/contract.ts'
import { createStreamReader } from '../../../engine/link/stream-reader.ts'
import { createStreamWriter } from '../../../engine/link/stream-writer.ts'
import { ITEMS_PER_FRAME, costOf } from '../../../engine/link/transport.ts'

const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
/** Longer than any chain of ticks a test needs; a writer that never ends fails instead of hanging. */
const MANY_TICKS = 20_000

async function* numbers(count: number, pausesAt: ReadonlySet<number>): AsyncGenerator<number> {
  for (let n = 0; n < count; n++) {
    if (pausesAt.has(n)) await tick()
    yield n
  }
}

describe('stream writer', () => {
  it('delivers every item once and in order, never beyond its window, for any interleaving of credits', async () => {
    const scenario = fc.record({
      window: fc.integer({ min: 1, max: 100 }),
      count: fc.nat(300),
      pauses: fc.array(fc.nat(300), { maxLength: 5 }),
      steps: fc.array(fc.record({ share: fc.integer({ min: 1, max: 100 }), ticks: fc.nat(3) }), { minLength: 1, maxLength: 20 }),
    })
    await fc.assert(
      fc.asyncProperty(scenario, async ({ window, count, pauses, steps }) => {
        const rule: StreamRule = { noCredit: 'pause', window, unit: 'items' }
        const got: unknown[] = []
        let credited = 0
        let done = false
        const writer = createStreamWriter(rule, new AbortController().signal, (items) => {
          expect(items.length).toBeLessThanOrEqual(ITEMS_PER_FRAME)
          got.push(...items)
          expect(got.length - credited).toBeLessThanOrEqual(window)
        })
        const run = writer.run(numbers(count, new Set(pauses))).then(() => (done = true))
        for (let n = 0; !done && n < MANY_TICKS; n++) {
          const { share, ticks } = steps[n % steps.length] ?? { share: 100, ticks: 0 }
          const amount = Math.ceil(((got.length - credited) * share) / 100)
          credited += amount
          if (amount > 0) writer.credit(amount)
          for (let wait = 0; wait <= ticks; wait++) await tick()
        }
        expect(done).toBe(true)
        await run
        expect(got).toEqual(Array.from({ length: count }, (_, n) => n))
      }),
      { numRuns: 150 },
    )
  })

  it('delivers everything in bytes too, against the real reader with any speed', async () => {
    const chunks = fc.array(fc.integer({ min: 0, max: 3_000_000 }), { maxLength: 25 })
    await fc.assert(
      fc.asyncProperty(chunks, fc.array(fc.nat(3), { minLength: 1, maxLength: 10 }), async (sizes, waits) => {
        const rule: StreamRule = { noCredit: 'pause', window: 4 * 1024 * 1024, unit: 'bytes' }
        const buffer = new Uint8Array(3_000_000)
        let sent = 0
        let credited = 0
        const reader = createStreamReader<Uint8Array>('logs.export', undefined, {
          credit(amount) {
            credited += amount
            writer.credit(amount)
          },
          cancel: () => undefined,
        })
        const writer = createStreamWriter(rule, new AbortController().signal, (items) => {
          const costs = items.map((item) => costOf('bytes', item))
          sent += costs.reduce((sum, cost) => sum + cost, 0)
          // The last item may begin while one byte of credit is left.
          expect(sent - credited - (costs.at(-1) ?? 0)).toBeLessThan(rule.window)
          reader.push(items)
        })
        async function* source(): AsyncGenerator<Uint8Array> {
          for (const size of sizes) yield buffer.subarray(0, size)
        }
        const run = writer.run(source()).then(() => reader.end())
        const got: number[] = []
        for await (const chunk of { [Symbol.asyncIterator]: () => reader.iterator }) {
          got.push(chunk.byteLength)
          for (let wait = waits[got.length % waits.length] ?? 0; wait > 0; wait--) await tick()
        }
        await run
        expect(got).toEqual(sizes)
      }),
      { numRuns: 60 },
    )
  })

  it('gathers what a source gives within one tick', async () => {
    const frames: number[] = []
    const rule: StreamRule = { noCredit: 'pause', window: 1_000, unit: 'items' }
    const writer = createStreamWriter(rule, new AbortController().signal, (items) => frames.push(items.length))
    await writer.run(numbers(200, new Set()))
    expect(frames).toEqual([64, 64, 64, 8])
  })

  it('does not let a peer raise the window by giving more credit than it took', async () => {
    let sent = 0
    const abort = new AbortController()
    const rule: StreamRule = { noCredit: 'pause', window: 10, unit: 'items' }
    const writer = createStreamWriter(rule, abort.signal, (items) => (sent += items.length))
    writer.credit(1_000_000)
    const run = writer.run(numbers(1_000, new Set()))
    await tick()
    expect(sent).toBe(10)
    writer.credit(Number.MAX_SAFE_INTEGER)
    await tick()
    expect(sent).toBe(20)
    abort.abort(new Error('enough'))
    await expect(run).rejects.toThrow('enough')
  })
})
