import { describe, expect, test } from 'vitest'
import { logFileName } from '../../../../renderer/screens/Logs/save.ts'
import { timeText } from '../../../../renderer/screens/Logs/time-text.ts'
import { lowerBound } from '../../../../renderer/screens/Logs/use-log-search.ts'

const AT = Date.UTC(2026, 10, 21, 9, 8, 7, 65)

describe('time before a line', () => {
  test.each([
    ['off', ''],
    ['utc', '09:08:07.065Z'],
  ] as const)('%s', (mode, text) => expect(timeText(AT, mode, AT)).toBe(text))
  test('local has the same shape', () => expect(timeText(AT, 'local', AT)).toMatch(/^\d\d:\d\d:\d\d\.065$/))
  test('unknown stays empty', () => expect(timeText(NaN, 'utc', AT)).toBe(''))
  test.each([
    [1_250, '-1.3s'],
    [61_000, '-1m01s'],
    [3 * 3_600_000 + 5 * 60_000, '-3h05m'],
    [50 * 3_600_000, '-2d02h'],
    [-5_000, '-0.0s'],
  ])('%d ms ago is %s', (ago, text) => expect(timeText(AT - ago, 'relative', AT)).toBe(text))
})

test('file names carry no character a file system refuses', () => {
  expect(logFileName('shop/web:1 <x>', new Date(AT))).toBe('shop-web-1-x-2026-11-21-09-08-07.log')
  expect(logFileName('주문', new Date(AT))).toMatch(/^container-2026/)
})

test.each([
  [[], 5, 0],
  [[1, 3, 5], 3, 1],
  [[1, 3, 5], 4, 2],
  [[1, 3, 5], 9, 3],
])('first place in %j not below %d', (sorted, value, index) => expect(lowerBound(sorted, value)).toBe(index))
