/** What the soak is judged by: it must see a leak through the noise of single readings, and none where there is none. */
import { describe, expect, it } from 'vitest'
import { chanceOf, shuffled } from './support/chance.ts'
import { judge, secondHalf, slopeOf } from './support/trend.ts'
import type { Reading } from './support/trend.ts'

const BOUND = { perMinute: 30, noise: 100 }

/** A reading every twenty seconds for ten minutes. */
function readings(value: (at: number) => number): readonly Reading[] {
  return Array.from({ length: 31 }, (_, index) => ({ at: index / 3, value: value(index / 3) }))
}

describe('a figure that is read again and again', () => {
  it('does not grow when it only jumps about', () => {
    const chance = chanceOf(1)
    expect(judge(readings(() => 10_000 + 200 * chance()), BOUND)).toMatchObject({ grows: false, count: 16 })
  })

  it('grows when what stays behind each minute is more than the bound, jumps or not', () => {
    const chance = chanceOf(2)
    expect(judge(readings((at) => 10_000 + 90 * at + 200 * chance()), BOUND).grows).toBe(true)
  })

  it('may grow as much as it likes while everything takes its place', () => {
    expect(judge(readings((at) => Math.min(at, 5) * 5_000), BOUND)).toMatchObject({ slope: 0, grows: false })
  })

  it('is not moved by one reading that strays', () => {
    const strayed = readings((at) => (at > 9.9 ? 50_000 : 10_000))
    expect(slopeOf(strayed)).toBe(0)
    expect(judge(strayed, BOUND).grows).toBe(false)
  })

  it('does not grow by one step, wherever it is; by a stair it does', () => {
    for (let step = 5; step < 10; step += 0.5) expect(judge(readings((at) => (at < step ? 10_000 : 40_000)), BOUND).grows, String(step)).toBe(false)
    expect(judge(readings((at) => 10_000 + 500 * Math.floor(at)), BOUND).grows).toBe(true)
  })

  it('is judged by nothing it was before half of the time', () => {
    expect(secondHalf(readings((at) => at)).map(({ at }) => at)[0]).toBe(5)
    expect(slopeOf([])).toBe(0)
  })
})

describe('chance', () => {
  it('is the same again with the same seed', () => {
    const items = Array.from({ length: 20 }, (_, index) => index)
    expect(shuffled(items, chanceOf(7))).toEqual(shuffled(items, chanceOf(7)))
    expect(shuffled(items, chanceOf(7))).not.toEqual(shuffled(items, chanceOf(8)))
    expect([...shuffled(items, chanceOf(7))].sort((one, other) => one - other)).toEqual(items)
  })
})
