import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LogCursor } from '../../../engine/logs/cursor.ts'
import { LogMerge } from '../../../engine/logs/merge.ts'

function merge(count: number) {
  const out: Array<[number, number]> = []
  const merged = new LogMerge(count, (source, _bytes, _from, _to, time) => out.push([source, time]))
  const push = (source: number, ...times: number[]) => {
    for (const time of times) merged.push(source, Buffer.from('x'.repeat(30)), 0, 30, time, 0)
  }
  return { merged, out, push }
}

describe('merge', () => {
  it('waits for a source that has not answered yet, but not for ever', () => {
    const { merged, out, push } = merge(2)
    merged.begin(0, 0)
    merged.begin(1, 0)
    push(0, 10, 30)
    merged.touch(0, 1)
    expect(merged.drain(1)).toBe(2000)
    expect(out).toEqual([])
    push(1, 20)
    merged.touch(1, 5)
    expect(merged.drain(5)).toBe(205)
    expect(out).toEqual([[0, 10], [1, 20]])
    expect(merged.drain(205)).toBe(null)
    expect(out).toEqual([[0, 10], [1, 20], [0, 30]])
  })

  it('does not wait for an ended source, and lets lines without time pass', () => {
    const { merged, out, push } = merge(2)
    merged.begin(0, 0)
    merged.begin(1, 0)
    merged.end(1)
    push(0, 10, Number.NaN, 5)
    expect(merged.drain(1)).toBe(null)
    expect(out.map(([source]) => source)).toEqual([0, 0, 0])
  })

  it('sorts what is in order per source, however it comes', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.nat({ max: 1000 }), { maxLength: 200 }), { minLength: 2, maxLength: 5 }),
        fc.array(fc.nat({ max: 40 }), { minLength: 1, maxLength: 20 }),
        (times, steps) => {
          const sorted = times.map((list) => [...list].sort((one, other) => one - other))
          const { merged, out, push } = merge(times.length)
          for (let source = 0; source < sorted.length; source++) merged.begin(source, 0)
          const queues = sorted.map((list) => [...list])
          for (let turn = 0; queues.some((queue) => queue.length > 0); turn++) {
            const source = turn % queues.length
            push(source, ...(queues[source] ?? []).splice(0, (steps[turn % steps.length] ?? 0) + 1))
            if (queues[source]?.length === 0) merged.end(source)
            merged.drain(1)
          }
          for (let source = 0; source < sorted.length; source++) merged.end(source)
          expect(merged.drain(1)).toBe(null)
          expect(out.map(([, time]) => time)).toEqual(sorted.flat().sort((one, other) => one - other))
        },
      ),
    )
  })
})

describe('cursor', () => {
  const take = (cursor: LogCursor, ...stamps: Array<[0 | 1, number, number]>) =>
    stamps.map(([stream, seconds, nanos]) => cursor.take(stream, seconds, nanos))

  it('drops exactly what was taken', () => {
    const cursor = new LogCursor()
    expect(cursor.since(106)).toBe(null)
    take(cursor, [0, 100, 5], [0, 105, 7], [0, 105, 7])
    expect(cursor.since(106)).toBe('104.000000007')
    cursor.rewind()
    expect(take(cursor, [0, 104, 9], [0, 105, 7], [0, 105, 7], [0, 105, 7], [0, 105, 8])).toEqual([
      false,
      false,
      false,
      true,
      true,
    ])
  })

  it('keeps the streams apart: one may be stored a little after the other', () => {
    const cursor = new LogCursor()
    take(cursor, [0, 100, 0], [0, 105, 7])
    cursor.rewind()
    expect(take(cursor, [1, 105, 3], [0, 105, 7], [0, 106, 0])).toEqual([true, false, true])
  })

  it('never reaches behind the first line of the view', () => {
    const cursor = new LogCursor()
    take(cursor, [0, 100, 500])
    expect(cursor.since(101)).toBe('99.999999999')
    cursor.rewind()
    expect(take(cursor, [1, 100, 499], [1, 100, 500])).toEqual([false, true])
  })
})
