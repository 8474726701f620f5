/** Limits are kept by a clock that nobody sets. */
import { afterEach, describe, expect, it, vi } from 'vitest'
import { systemClock, waitUntil } from '../../../engine/system/clock.ts'

const wall = Date.now
afterEach(() => vi.restoreAllMocks())

describe('a wait with a limit', () => {
  it('ends in time although the wall clock is set back a day', async () => {
    let asked = 0
    const began = performance.now()
    const check = (): boolean => {
      if (++asked === 2) vi.spyOn(Date, 'now').mockImplementation(() => wall() - 86_400_000)
      return false
    }
    expect(await waitUntil(check, { withinMs: 60, everyMs: 10 })).toBe(false)
    expect(performance.now() - began).toBeLessThan(2_000)
  })

  it('does not end early because it is set on a day', async () => {
    let asked = 0
    const check = (): boolean => {
      if (++asked === 1) vi.spyOn(Date, 'now').mockImplementation(() => wall() + 86_400_000)
      return asked === 3
    }
    expect(await waitUntil(check, { withinMs: 5_000, everyMs: 5, clock: systemClock })).toBe(true)
  })
})
