import { describe, expect, test } from 'vitest'
import { parseJump } from '../../../../renderer/screens/Logs/jump-target.ts'

const NOW = Date.UTC(2026, 10, 27, 12)
const at = (text: string, utc = true): unknown => {
  const target = parseJump(text, utc, NOW)
  return target && 'time' in target ? new Date(target.time).toISOString() : target
}

describe('where to go in a log', () => {
  test('a line, counted from one', () => {
    expect([at('#120'), at('7'), at('# 1'), at('0')]).toEqual([{ line: 119 }, { line: 6 }, { line: 0 }, { line: 0 }])
  })

  test('how long ago', () => {
    expect(at('10m')).toBe('2026-11-27T11:50:00.000Z')
    expect(at('-1h30m')).toBe('2026-11-27T10:30:00.000Z')
    expect(at('2d 5s')).toBe('2026-11-25T11:59:55.000Z')
  })

  test('a time of day is the last time it was so late', () => {
    expect(at('11:30')).toBe('2026-11-27T11:30:00.000Z')
    expect(at('9:05:07.25')).toBe('2026-11-27T09:05:07.250Z')
    expect(at('23:50')).toBe('2026-11-26T23:50:00.000Z')
  })

  test('a day, with a time, with an offset', () => {
    expect(at('2026-11-20')).toBe('2026-11-20T00:00:00.000Z')
    expect(at('2026-11-20 14:30')).toBe('2026-11-20T14:30:00.000Z')
    expect(at('2026-11-20T14:30:01.5+09:00')).toBe('2026-11-20T05:30:01.500Z')
    expect(at('2026-11-20T14:30Z', false)).toBe('2026-11-20T14:30:00.000Z')
    expect(at('2026-11-20 14:30', false)).toBe(new Date('2026-11-20T14:30').toISOString())
  })

  test('anything else is nothing', () => {
    for (const text of ['', ' ', 'soon', '25:99', '2026-13-40', '10x', 'Z', '#', '12:3']) expect(at(text), text).toBeNull()
  })
})
