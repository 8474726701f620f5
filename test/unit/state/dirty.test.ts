import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ALL_DIRTY, createDirtyQueue } from '../../../engine/state/dirty.ts'
import type { Dirty, DirtyQueue } from '../../../engine/state/dirty.ts'

const one = (id: string): Partial<Dirty> => ({ ids: new Set([id]) })

describe('createDirtyQueue', () => {
  let flights: { at: number; dirty: Dirty }[]
  let land: (() => void)[]
  let queue: DirtyQueue

  beforeEach(() => {
    vi.useFakeTimers({ now: 0 })
    flights = []
    land = []
    queue = createDirtyQueue(
      (dirty) => {
        flights.push({ at: Date.now(), dirty })
        return new Promise((resolve) => land.push(resolve))
      },
      () => Date.now(),
    )
  })
  afterEach(() => {
    queue.stop()
    vi.useRealTimers()
  })

  it('waits until opened', async () => {
    queue.mark(one('a'))
    await vi.advanceTimersByTimeAsync(1_000)
    expect(flights).toEqual([])
    queue.open()
    await vi.advanceTimersByTimeAsync(10)
    expect(flights[0]?.dirty).toEqual({ ids: new Set(['a']), all: false, images: false })
  })

  it('collects the marks of the first 10 ms', async () => {
    queue.open()
    queue.mark(one('a'))
    await vi.advanceTimersByTimeAsync(6)
    queue.mark(one('b'))
    queue.mark({ images: true })
    await vi.advanceTimersByTimeAsync(4)
    expect(flights).toEqual([{ at: 10, dirty: { ids: new Set(['a', 'b']), all: false, images: true } }])
  })

  it('has one flight at a time and fetches again what was marked meanwhile', async () => {
    queue.open()
    queue.mark(one('a'))
    await vi.advanceTimersByTimeAsync(50)
    queue.mark(one('a'))
    expect(queue.has('a')).toBe(true)
    await vi.advanceTimersByTimeAsync(5_000)
    expect(flights).toHaveLength(1)
    land[0]?.()
    await vi.advanceTimersByTimeAsync(50)
    expect(flights).toHaveLength(2)
  })

  it('spaces flights in a storm, but lets no mark wait longer than 250 ms', async () => {
    queue.open()
    for (let i = 0; i < 100; i++) {
      queue.mark(one(`${i}`))
      await vi.advanceTimersByTimeAsync(10)
      land.splice(0).forEach((done) => done())
    }
    const starts = flights.map(({ at }) => at)
    expect(starts[0]).toBe(10)
    const gaps = starts.slice(1).map((at, index) => at - (starts[index] ?? 0))
    expect(gaps.slice(0, 3)).toEqual([40, 80, 160])
    expect(gaps.length).toBeGreaterThan(4)
    for (const gap of gaps.slice(3)) {
      expect(gap).toBeGreaterThanOrEqual(240)
      expect(gap).toBeLessThanOrEqual(260)
    }
  })

  it('is quick again after calm times', async () => {
    queue.open()
    for (let i = 0; i < 50; i++) {
      queue.mark(one(`${i}`))
      await vi.advanceTimersByTimeAsync(10)
      land.splice(0).forEach((done) => done())
    }
    await vi.advanceTimersByTimeAsync(300)
    land.splice(0).forEach((done) => done())
    await vi.advanceTimersByTimeAsync(300)
    flights.length = 0
    const calm = Date.now()
    queue.mark(one('a'))
    await vi.advanceTimersByTimeAsync(15)
    land.splice(0).forEach((done) => done())
    queue.mark(one('a'))
    await vi.advanceTimersByTimeAsync(35)
    expect(flights.map(({ at }) => at - calm)).toEqual([10, 50])
  })

  it('asks for everything instead of very many ids', async () => {
    queue.open()
    queue.mark({ ids: new Set(Array.from({ length: 201 }, (_, i) => `${i}`)) })
    queue.mark(ALL_DIRTY)
    await vi.advanceTimersByTimeAsync(50)
    expect(flights[0]?.dirty.all).toBe(true)
    expect(flights[0]?.dirty.ids.size).toBe(201)
  })
})
