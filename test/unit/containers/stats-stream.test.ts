import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { periodOf } from '../../../engine/containers/stats-sampler.ts'
import { watchStats } from '../../../engine/containers/stats-stream.ts'
import { NaruError } from '../../../engine/contract/errors.ts'
import type { ContainerStats, StatsPace } from '../../../engine/contract/models.ts'
import type { RawStats } from '../../../engine/docker/api-types.ts'
import type { EngineClient } from '../../../engine/docker/engine-client.ts'
import { engineClient } from '../../support/engine-client.ts'

/** Half of one of two cores, by the host's own clock. */
const sampleAt = (ms: number): RawStats => ({
  cpu_stats: { cpu_usage: { total_usage: 1e6 + ms * 5e5 }, system_cpu_usage: 1e6 + ms * 2e6, online_cpus: 2 },
  memory_stats: { usage: 1_000 },
})

interface Bench {
  readonly client: EngineClient
  /** Container and moment (ms) of each sample asked for. */
  readonly asked: (readonly [id: string, at: number])[]
  /** Most samples under way at once. */
  most: number
}

function makeBench(answer: (id: string, at: number) => RawStats | Promise<RawStats> = (_id, at) => sampleAt(at)): Bench {
  const asked: [string, number][] = []
  let underWay = 0
  const bench: Bench = {
    asked,
    most: 0,
    client: engineClient({
      statsOnce: async (id) => {
        asked.push([id, performance.now()])
        bench.most = Math.max(bench.most, ++underWay)
        try {
          await new Promise((resolve) => setTimeout(resolve, 10))
          return await answer(id, performance.now())
        } finally {
          underWay--
        }
      },
    }),
  }
  return bench
}

/** Reads until told to stop; what came so far is in `items`. */
function reader(client: EngineClient, ids: readonly string[], pace?: StatsPace) {
  const end = new AbortController()
  const items: ContainerStats[] = []
  const done = (async () => {
    for await (const item of watchStats(client, ids, end.signal, pace)) items.push(item)
  })()
  return { items, done, stop: async () => (end.abort(), await done) }
}

const many = (count: number): string[] => Array.from({ length: count }, (_, at) => `c${at}`)

describe('watchStats', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it('gives the first figures at once, processor time a second later, then every two seconds', async () => {
    const { client, asked } = makeBench()
    const { items, stop } = reader(client, ['a', 'b', 'a'])
    await vi.advanceTimersByTimeAsync(100)
    expect(items.map(({ id, cpuPercent }) => [id, cpuPercent])).toEqual([['a', null], ['b', null]])
    await vi.advanceTimersByTimeAsync(1_100)
    expect(items.slice(2)).toMatchObject([{ id: 'a', cpuPercent: 50, memoryBytes: 1_000 }, { id: 'b', cpuPercent: 50 }])
    await vi.advanceTimersByTimeAsync(4_100)
    expect(asked.filter(([id]) => id === 'a')).toHaveLength(4)
    await stop()
    await vi.advanceTimersByTimeAsync(10_000)
    expect(asked).toHaveLength(8)
  })

  it('takes no more samples than its pace allows, a few at a time', async () => {
    const bench = makeBench()
    const ids = many(40)
    const normal = reader(bench.client, ids)
    await vi.advanceTimersByTimeAsync(5_000)
    expect(bench.most).toBe(4)
    expect(new Set(bench.asked.map(([id]) => id)).size).toBe(40)
    let before = bench.asked.length
    await vi.advanceTimersByTimeAsync(60_000)
    expect((bench.asked.length - before) / 60).toBeLessThanOrEqual(4.7)
    await normal.stop()
    const resting = reader(bench.client, ids, 'resting')
    await vi.advanceTimersByTimeAsync(5_000)
    before = bench.asked.length
    await vi.advanceTimersByTimeAsync(120_000)
    expect((bench.asked.length - before) / 120).toBeLessThanOrEqual(1.1)
    await resting.stop()
    expect([periodOf('normal', 3), periodOf('normal', 40), periodOf('resting', 3), periodOf('live', 1)]).toEqual([2_000, 10_000, 10_000, 1_000])
  })

  it('wakes nobody more often than every few seconds while resting', async () => {
    const { client, asked } = makeBench()
    const resting = reader(client, many(20), 'resting')
    await vi.advanceTimersByTimeAsync(60_000)
    const before = asked.length
    await vi.advanceTimersByTimeAsync(120_000)
    const times = asked.slice(before).map(([, at]) => at)
    const rounds = times.filter((at, n) => n === 0 || at - (times[n - 1] ?? 0) > 500).length
    expect(rounds).toBeLessThanOrEqual(30)
    expect(times.length / 120).toBeLessThanOrEqual(1.1)
    expect(times.length / 120).toBeGreaterThan(0.8)
    await resting.stop()
  })

  it('measures the one that is watched every second, whatever else is in sight', async () => {
    const { client, asked } = makeBench()
    const list = reader(client, many(40))
    const chart = reader(client, ['c7'], 'live')
    await vi.advanceTimersByTimeAsync(5_000)
    const before = asked.length
    await vi.advanceTimersByTimeAsync(20_000)
    const of = (id: string): number => asked.slice(before).filter(([one]) => one === id).length
    expect(of('c7')).toBeGreaterThanOrEqual(17)
    expect(of('c7')).toBeLessThanOrEqual(21)
    expect(of('c8')).toBeLessThanOrEqual(3)
    expect(chart.items.every(({ id }) => id === 'c7')).toBe(true)
    await chart.stop()
    const after = asked.length
    await vi.advanceTimersByTimeAsync(20_000)
    expect(asked.slice(after).filter(([one]) => one === 'c7').length).toBeLessThanOrEqual(3)
    await list.stop()
  })

  it('costs the same for two windows, and the second has its figures at once', async () => {
    const { client, asked } = makeBench()
    const first = reader(client, ['a'])
    await vi.advanceTimersByTimeAsync(2_000)
    const second = reader(client, ['a'])
    await vi.advanceTimersByTimeAsync(1)
    expect(second.items).toMatchObject([{ id: 'a', cpuPercent: 50 }])
    await vi.advanceTimersByTimeAsync(10_000)
    expect(asked.length).toBeLessThanOrEqual(8)
    expect(second.items.length).toBeGreaterThan(4)
    await first.stop()
    await second.stop()
  })

  it('knows what scrolls out and in again, without asking anew', async () => {
    const { client, asked } = makeBench()
    const before = reader(client, ['a'])
    await vi.advanceTimersByTimeAsync(1_500)
    await before.stop()
    const after = reader(client, ['a', 'b'])
    await vi.advanceTimersByTimeAsync(200)
    expect(after.items).toMatchObject([{ id: 'a', cpuPercent: 50 }, { id: 'b', cpuPercent: null }])
    expect(asked.filter(([id]) => id === 'a')).toHaveLength(2)
    await after.stop()
  })

  it('has none for a container that stopped, and again when it runs', async () => {
    let running = true
    const { client } = makeBench((_id, at) => (running ? sampleAt(at) : { cpu_stats: {}, memory_stats: {} }))
    const { items, stop } = reader(client, ['a'])
    await vi.advanceTimersByTimeAsync(1_500)
    running = false
    await vi.advanceTimersByTimeAsync(10_000)
    expect(items).toHaveLength(2)
    running = true
    await vi.advanceTimersByTimeAsync(4_000)
    expect(items[2]?.cpuPercent).toBeNull()
    expect(items.at(-1)?.cpuPercent).toBe(50)
    await stop()
  })

  it('goes on when one container is gone, fails when all are', async () => {
    const gone = () => Promise.reject(new NaruError('not-found', 'No such container'))
    const half = makeBench((id, at) => (id === 'a' ? gone() : sampleAt(at)))
    const { items, stop } = reader(half.client, ['a', 'b'])
    await vi.advanceTimersByTimeAsync(3_000)
    expect(new Set(items.map(({ id }) => id))).toEqual(new Set(['b']))
    await stop()
    const none = reader(makeBench(gone).client, ['a', 'b'])
    const refused = expect(none.done).rejects.toMatchObject({ code: 'not-found' })
    await vi.advanceTimersByTimeAsync(1_000)
    await refused
  })

  it('hands on what it has while one container does not answer', async () => {
    const { client } = makeBench((id, at) => (id === 'a' ? new Promise<RawStats>(() => undefined) : sampleAt(at)))
    const { items, stop } = reader(client, ['a', 'b'])
    await vi.advanceTimersByTimeAsync(500)
    expect(items).toMatchObject([{ id: 'b' }])
    await stop()
  })

  it('says when the engine has no true figures', async () => {
    const client = engineClient()
    const blind = { ...client, capabilities: { ...client.capabilities, stats: false } }
    await expect(watchStats(blind, ['a'], new AbortController().signal).next()).rejects.toMatchObject({ code: 'unsupported' })
  })
})
