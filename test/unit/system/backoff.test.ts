import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createBackoff } from '../../../engine/system/backoff.ts'
import { systemClock, waitUntil } from '../../../engine/system/clock.ts'
import { createUndoStack } from '../../../engine/system/disposable.ts'

describe('backoff', () => {
  it('never waits longer than the cap or the doubled base', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), fc.integer({ min: 1, max: 60_000 }), fc.double({ min: 0, max: 0.999, noNaN: true }), (baseMs, capMs, value) => {
        const backoff = createBackoff({ baseMs, capMs, random: () => value })
        for (let n = 0; n < 40; n += 1) expect(backoff.next()).toBeLessThanOrEqual(Math.min(capMs, baseMs * 2 ** n))
        expect(backoff.attempts()).toBe(40)
        backoff.reset()
        expect(backoff.next()).toBeLessThanOrEqual(baseMs)
      }),
    )
  })
})

describe('undo stack', () => {
  it('runs newest first, reports failures, runs once', async () => {
    const order: string[] = []
    const undo = createUndoStack()
    undo.push('a', () => void order.push('a'))
    undo.push('b', () => Promise.reject(new Error('no')))
    undo.push('c', () => void order.push('c'))
    expect((await undo.unwind()).map((each) => each.what)).toEqual(['b'])
    expect(order).toEqual(['c', 'a'])
    expect(await undo.unwind()).toEqual([])
    undo.push('d', () => void order.push('d'))
    undo.keep()
    await undo.unwind()
    expect(order).toEqual(['c', 'a'])
  })
})

describe('waiting', () => {
  it('asks at once, gives up in time, can be cancelled', async () => {
    expect(await waitUntil(() => true, { withinMs: 0, everyMs: 10 })).toBe(true)
    expect(await waitUntil(() => false, { withinMs: 30, everyMs: 10 })).toBe(false)
    await expect(systemClock.sleep(5000, AbortSignal.timeout(20))).rejects.toMatchObject({ code: 'cancelled' })
    await expect(waitUntil(() => false, { withinMs: 5000, everyMs: 10, signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'cancelled' })
  })
})
