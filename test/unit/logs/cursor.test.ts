/** Where a log goes on after its connection broke. Stamps in seconds. */
import { describe, expect, it } from 'vitest'
import { LogCursor } from '../../../engine/logs/cursor.ts'

/** What a log's request gives: those of `stored` that are not older than `since`, in the order they were written. */
const answer = (stored: readonly number[], since: string | null): readonly number[] => stored.filter((stamp) => since === null || stamp >= Number(since))
const takeAll = (cursor: LogCursor, stamps: readonly number[]): number[] => stamps.filter((stamp) => cursor.take(0, Math.floor(stamp), Math.round((stamp % 1) * 1e9)))

function reader(): { readonly cursor: LogCursor; readonly read: (stored: readonly number[], now: number) => number[] } {
  const cursor = new LogCursor()
  return {
    cursor,
    read: (stored, now) => {
      cursor.rewind()
      return takeAll(cursor, answer(stored, cursor.since(now)))
    },
  }
}

describe('a log goes on', () => {
  it('with what is new, of lines with one stamp those that were not there', () => {
    const { read } = reader()
    expect(read([100, 101, 101], 101)).toEqual([100, 101, 101])
    expect(read([100, 101, 101, 101, 102], 102)).toEqual([101, 102])
    expect(read([100, 101, 101, 101, 102], 103)).toEqual([])
  })

  it('from a second before its newest line', () => {
    const { cursor, read } = reader()
    read([50, 150.25], 151)
    expect(cursor.since(151)).toBe('149.250000000')
    expect(cursor.since(150.5)).toBe('149.250000000')
    expect(cursor.since(149.5)).toBe('148.000000000')
  })

  it('although its newest line lies in the future, because the clock was set back', () => {
    const { read } = reader()
    expect(read([100, 101, 5_000, 5_001], 5_001)).toHaveLength(4)
    const later = [100, 101, 5_000, 5_001, 200, 201]
    expect(read(later, 201)).toEqual([200, 201])
    expect(read([...later, 202], 202)).toEqual([202])
    // Also when the clock catches up, and once more when it is set back again.
    expect(read([...later, 202, 6_000], 6_000)).toEqual([6_000])
    expect(read([...later, 202, 6_000, 300], 300)).toEqual([300])
    expect(read([...later, 202, 6_000, 300, 5_500], 5_500)).toEqual([5_500])
    expect(read([...later, 202, 6_000, 300, 5_500, 5_501], 5_501)).toEqual([5_501])
  })

  it('a clock of ours that is behind the engine’s costs lines that are read again, nothing else', () => {
    const { read } = reader()
    expect(read([100, 200, 300], 50)).toEqual([100, 200, 300])
    expect(read([100, 200, 300, 301], 51)).toEqual([301])
  })
})
