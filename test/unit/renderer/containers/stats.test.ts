// @vitest-environment happy-dom
import { afterEach, describe, expect, it, vi } from 'vitest'
import { effectScope, shallowRef } from 'vue'
import type { ContainerRow, ContainerStats } from '../../../../engine/contract/models.ts'
import { NaruError } from '../../../../engine/contract/errors.ts'
import { sparkPath } from '../../../../renderer/components/sparkline.ts'
import { sparkOf } from '../../../../renderer/screens/Containers/spark.ts'
import { firstWithin, limitsOf, summary } from '../../../../renderer/screens/Containers/detail/stats/charts.ts'
import { statsCsv } from '../../../../renderer/screens/Containers/detail/stats/csv.ts'
import { useConnection } from '../../../../renderer/stores/connection.ts'
import { useState } from '../../../../renderer/stores/state.ts'
import { HISTORY_MS, addGap, addSample, emptyHistory, useLiveStats } from '../../../../renderer/stores/stats-history.ts'
import { CONTAINERS } from '../../../screens/seed.ts'
import { createRoom } from '../page.ts'

const openLink = vi.hoisted(() => vi.fn())
vi.mock('../../../../renderer/link/connect.ts', () => ({ openLink }))
afterEach(() => openLink.mockReset())

const sample = (at: number, cpu: number | null = 1, more: Partial<ContainerStats> = {}): ContainerStats => ({
  id: 'a', at, cpuPercent: cpu, cores: 2, memoryBytes: 1_000, memoryLimitBytes: 0,
  network: { inBytes: 1, outBytes: 2, inPerSecond: 3, outPerSecond: 4.12345 }, disk: null, pids: 2, pidsLimit: 0, unknown: { disk: 'not-told' }, ...more,
})

describe('history of a container', () => {
  it('keeps samples once each, in order, with a gap where nothing was taken', () => {
    const history = emptyHistory()
    expect(addSample(history, sample(1_000))).toBe(true)
    expect(addSample(history, sample(1_000, 9))).toBe(false)
    addSample(history, sample(2_000, 2))
    addSample(history, sample(20_000, 3))
    expect(history.at).toEqual([1_000, 2_000, 2_001, 20_000])
    expect(history.cpu).toEqual([1, 2, null, 3])
    expect(history.netOut).toEqual([4.12345, 4.12345, null, 4.12345])
    addGap(history)
    addGap(history)
    expect(history.cpu).toEqual([1, 2, null, 3, null])
    expect(history.latest?.at).toBe(20_000)
  })

  it('is bounded in time and in points', () => {
    const history = emptyHistory()
    for (let second = 0; second < 5_000; second += 1) addSample(history, sample(second * 1_000))
    expect(history.at[0]).toBe(4_999_000 - HISTORY_MS)
    for (let n = 0; n < 5_000; n += 1) addSample(history, sample(5_000_000 + n * 10))
    expect(history.at).toHaveLength(1_000)
    expect(history.cpu).toHaveLength(1_000)
  })

  it('is summed up and saved without its gaps', () => {
    const history = emptyHistory()
    addSample(history, sample(0, null))
    addSample(history, sample(1_000, 30))
    addSample(history, sample(61_000, 10))
    expect(firstWithin(history, 60_000)).toBe(1)
    expect(summary(history.cpu)).toEqual({ least: 10, average: 20, most: 30 })
    expect(summary(history.diskIn)).toBeNull()
    expect(statsCsv(history).split('\r\n')).toEqual([
      'time,cpu_percent,memory_bytes,network_received_bytes_per_second,network_sent_bytes_per_second,disk_read_bytes_per_second,disk_written_bytes_per_second,pids',
      '1970-01-01T00:00:00.000Z,,1000,3,4.123,,,2',
      '1970-01-01T00:00:01.000Z,30,1000,3,4.123,,,2',
      '1970-01-01T00:01:01.000Z,10,1000,3,4.123,,,2',
      '',
    ])
  })

  it('knows limits of the sample, else of the container', () => {
    const history = emptyHistory()
    const detail = { limits: { memoryBytes: 64, memorySwapBytes: 0, cpus: 1.5, pidsLimit: 50 } }
    expect(limitsOf(history, detail)).toEqual({ cpuPercent: 150, memoryBytes: 64, pids: 50 })
    addSample(history, sample(1, 1, { memoryLimitBytes: 77, pidsLimit: 5 }))
    expect(limitsOf(history, detail)).toEqual({ cpuPercent: 150, memoryBytes: 77, pids: 5 })
    expect(limitsOf(history, null)).toEqual({ cpuPercent: 0, memoryBytes: 77, pids: 5 })
  })
})

describe('small line', () => {
  it('is one path that breaks where nothing is known', () => {
    expect(sparkPath([0, 10, null, 5, 20], 10, 5)).toBe('M1.0 15.0L11.5 1.0M32.5 8.0L43.0 1.0')
    expect(sparkPath([null, 5, null], 10, 3)).toBe('M22.0 8.0h0')
    expect(sparkPath([5], 10, 30)).toBe('M43.0 8.0h0')
    expect(sparkPath([], 10, 30)).toBe('')
  })

  it('stays flat for what idles, and needs two values', () => {
    const seen = (values: (number | null)[]) => ({ now: sample(1), recent: values.map((cpu, n) => ({ at: n * 2_000, cpu, memory: 1 })) })
    expect(sparkOf(null, 'cpu')).toBeNull()
    expect(sparkOf(seen([null, 1]), 'cpu')).toBeNull()
    expect(sparkOf(seen([null, 0.1, 0.2]), 'cpu')).toEqual({ values: [null, 0.1, 0.2], top: 10, least: 0.1, most: 0.2, spanMs: 4_000 })
    expect(sparkOf(seen([100, 50]), 'cpu')?.top).toBe(160)
  })
})

describe('live figures', () => {
  it('are asked for only while the container runs, in sight, of an engine that answers', async () => {
    const readers = new Set<string>()
    const asked: string[] = []
    let blind = false
    const room = createRoom({}, {
      'stats.watch': async function* ({ ids, pace }, { signal }) {
        if (blind) throw new NaruError('unsupported', 'none', { hint: 'stats' })
        const key = `${ids.join()} ${pace}`
        readers.add(key)
        asked.push(key)
        yield sample(asked.length * 1_000)
        await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
        readers.delete(key)
      },
    })
    openLink.mockImplementation((signal: AbortSignal) => Promise.resolve(room.open(signal)))
    void useConnection().start()
    const state = useState()
    state.start()
    await vi.waitFor(() => expect(room.readers('state.watch')).toBe(1))
    const one = CONTAINERS.find((each) => each.state === 'running')!
    const none = { upsert: [], remove: [] }
    const push = (revision: number, row: ContainerRow) =>
      room.push('state.watch', { engineId: 'native', revision, reset: revision === 1, sync: 'live', containers: { upsert: [row], remove: [] }, images: none })
    push(1, one)
    await vi.waitFor(() => expect(state.containers).toHaveLength(1))
    const row = shallowRef(one)
    const scope = effectScope()
    const live = scope.run(() => useLiveStats(() => row.value))!
    await vi.waitFor(() => expect(live.measuring.value).toBe(true))
    expect([...readers]).toEqual([`${one.id} live`])

    const hide = (hidden: boolean): void => {
      Object.defineProperty(document, 'hidden', { configurable: true, get: () => hidden })
      document.dispatchEvent(new Event('visibilitychange'))
    }
    hide(true)
    await vi.waitFor(() => expect(readers.size).toBe(0))
    expect(live.measuring.value).toBe(false)
    hide(false)
    await vi.waitFor(() => expect(readers.size).toBe(1))
    await vi.waitFor(() => expect(live.history.value.cpu).toEqual([1, null, 1]))

    row.value = { ...one, state: 'exited' }
    await vi.waitFor(() => expect(readers.size).toBe(0))
    // The last figures stay.
    expect(live.history.value.latest?.cpuPercent).toBe(1)

    blind = true
    row.value = { ...one, state: 'paused' }
    await vi.waitFor(() => expect(live.error.value?.code).toBe('unsupported'))
    scope.stop()
    expect(asked).toHaveLength(2)
    const again = effectScope()
    expect(again.run(() => useLiveStats(() => ({ ...one, state: 'exited' })))?.history.value.at.length).toBeGreaterThan(2)
    again.stop()
  })
})
