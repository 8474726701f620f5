import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LOG_LEVELS } from '../../../engine/logs/level.ts'
import { SLOTS_MAX, TimeSlots } from '../../../engine/logs/time-slots.ts'

const INFO = LOG_LEVELS.indexOf('info')
const ERROR = LOG_LEVELS.indexOf('error')
const T = Date.UTC(2026, 10, 27, 12)
const sum = (counts: Uint32Array): number => counts.reduce((total, count) => total + count, 0)

describe('slots of time', () => {
  it('counts by level in bars that begin at round times', () => {
    const slots = new TimeSlots()
    for (let second = 0; second < 60; second++) slots.add(T + second * 1000 + 123, second % 10 === 0 ? ERROR : INFO, second)
    const { start, width, counts, first, last } = slots.bars(null, null, 31)
    expect([start, width, counts.length / LOG_LEVELS.length]).toEqual([T, 2000, 30])
    expect([counts[INFO], counts[ERROR]]).toEqual([1, 1])
    expect([first, last]).toEqual([T + 123, T + 59_124])
    expect(sum(counts)).toBe(60)
  })

  it('nothing is no bar', () => {
    const slots = new TimeSlots()
    slots.add(Number.NaN, INFO, 0)
    expect(slots.bars(null, null, 100)).toMatchObject({ width: 0, first: 0, last: 0 })
  })

  it('a part of time is shown finer, and holds only what is in it', () => {
    const slots = new TimeSlots()
    for (let line = 0; line < 1000; line++) slots.add(T + line * 100, INFO, line)
    const part = slots.bars(T + 10_000, T + 12_000, 100)
    expect(part.width).toBe(50)
    expect(sum(part.counts)).toBe(20)
  })

  it('one line long ago neither costs slots nor the others their precision', () => {
    const slots = new TimeSlots()
    slots.add(T - 300 * 86_400_000, INFO, 0)
    for (let line = 1; line <= 100; line++) slots.add(T + line, INFO, line)
    expect(slots.width).toBe(1)
    expect(sum(slots.bars(T, T + 200, 50).counts)).toBe(100)
    const all = slots.bars(null, null, 50)
    expect(all.counts.length / LOG_LEVELS.length).toBeLessThanOrEqual(50)
    expect(sum(all.counts)).toBe(101)
  })

  it('what was dropped is forgotten when all of a slot is', () => {
    const slots = new TimeSlots()
    for (let line = 0; line < 100; line++) slots.add(T + line * 10, INFO, line)
    slots.dropBefore(40)
    expect(sum(slots.bars(null, null, 200).counts)).toBe(60)
    slots.add(T + 39 * 10, INFO, 100)
    expect(sum(slots.bars(null, null, 200).counts)).toBe(61)
  })

  it('whatever comes: every line is in a bar, bars fit, slots are bounded', () => {
    const steps = fc.array(fc.tuple(fc.integer({ min: -5_000, max: 90_000_000 }), fc.integer({ min: 0, max: LOG_LEVELS.length - 1 })), { minLength: 1, maxLength: 400 })
    fc.assert(
      fc.property(steps, fc.integer({ min: 10, max: 200 }), (moves, most) => {
        const slots = new TimeSlots()
        let time = T
        for (const [line, [step, level]] of moves.entries()) {
          time += step
          for (let more = 0; more < 15; more++) slots.add(time + more * 7, level, line)
        }
        const { counts, width, start, first, last } = slots.bars(null, null, most)
        expect(sum(counts)).toBe(moves.length * 15)
        expect(slots.size).toBeLessThanOrEqual(SLOTS_MAX)
        expect(counts.length / LOG_LEVELS.length).toBeLessThanOrEqual(most)
        expect(start).toBeLessThanOrEqual(first)
        expect(start + (counts.length / LOG_LEVELS.length) * width).toBeGreaterThanOrEqual(last)
      }),
    )
  })
})
