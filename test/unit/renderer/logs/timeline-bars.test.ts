import { describe, expect, test } from 'vitest'
import type { LogHistogram } from '../../../../engine/contract/models.ts'
import { LOG_LEVELS } from '../../../../engine/logs/level.ts'
import { HEIGHT, bandOf, barAt, barCount, barPaths, rangeOf, zoomOf } from '../../../../renderer/screens/Logs/timeline-bars.ts'

function histogram(bars: readonly Partial<Record<(typeof LOG_LEVELS)[number], number>>[]): LogHistogram {
  const counts = new Uint32Array(bars.length * LOG_LEVELS.length)
  bars.forEach((bar, at) => LOG_LEVELS.forEach((level, index) => (counts[at * LOG_LEVELS.length + index] = bar[level] ?? 0)))
  return { start: 1_000, width: 10, counts, first: 1_000, last: 1_000 + bars.length * 10, scanned: 1 }
}

describe('bars of a log', () => {
  const shown = histogram([{ info: 900, error: 1 }, {}, { fatal: 4, warn: 6, unknown: 90 }])

  test('levels come together in what a person tells apart', () => {
    expect(barCount(shown)).toBe(3)
    expect(barAt(shown, 0)).toEqual({ bad: 1, warn: 0, info: 900, rest: 0, all: 901 })
    expect(barAt(shown, 2)).toEqual({ bad: 4, warn: 6, info: 0, rest: 90, all: 100 })
  })

  test('one error among hundreds is still seen, and nothing grows out of the picture', () => {
    const { bad, info } = barPaths(shown)
    expect(bad.match(/M/g)).toHaveLength(2)
    expect(Number(/^M[\d.]+ ([\d.]+)/.exec(bad)?.[1])).toBeLessThanOrEqual(HEIGHT - 5)
    expect(Number(/^M[\d.]+ ([\d.]+)/.exec(info)?.[1])).toBe(0)
  })

  test('a range of bars is one of time, either way round; its place is found again', () => {
    expect(rangeOf(shown, 2, 1)).toEqual({ since: 1_010, until: 1_030 })
    expect(bandOf(shown, 1_010, 1_020)).toEqual({ left: 1 / 3, right: 2 / 3 })
    expect(bandOf(shown, null, 1_015)).toEqual({ left: 0, right: 0.5 })
    expect(bandOf(shown, 5_000, 6_000)).toBeNull()
    expect(bandOf(histogram([]), 0, 1)).toBeNull()
  })

  test('a chosen range is shown with what is around it', () => {
    expect(zoomOf(100, 200)).toEqual({ since: 50, until: 250 })
    expect(zoomOf(null, 200)).toEqual({ since: null, until: null })
  })
})
