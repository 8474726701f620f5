import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatBytes, formatMemory, formatDuration, parseBytes } from '../../../engine/contract/units.ts'
import { NaruError } from '../../../engine/contract/errors.ts'
import golden from '../../fixtures/docker-cli.json'

describe('formatBytes', () => {
  test.each([
    [0, '0B'],
    [1, '1B'],
    [999, '999B'],
    [1000, '1kB'],
    [1024, '1.024kB'],
    [1500, '1.5kB'],
    [12_345, '12.35kB'],
    [123_456, '123.5kB'],
    [999_949, '999.9kB'],
    [999_999, '1000kB'],
    [1_000_000, '1MB'],
    [5_242_880, '5.243MB'],
    [1_234_567_890, '1.235GB'],
    [2 ** 40, '1.1TB'],
    [2 ** 50, '1.126PB'],
    [2 ** 60, '1.153EB'],
    [1e21, '1ZB'],
    [1e24, '1YB'],
    [1e28, '1e+04YB'],
    [-5, '-5B'],
    [0.5, '0.5B'],
    [0.00001, '1e-05B'],
  ])('%d is %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text))

  test('three digits, as docker prints image sizes', () => expect(formatBytes(187_654_321, 3)).toBe('188MB'))
  test.each([NaN, Infinity, -Infinity])('%d is no size', (bytes) => expect(() => formatBytes(bytes)).toThrow(RangeError))
  test('never more than four digits, and within half of the last one', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }), (bytes) => {
        const [, number = '', unit = ''] = /^([\d.]+)([kMGTP]?B)$/.exec(formatBytes(bytes)) ?? []
        const scale = 1000 ** ['B', 'kB', 'MB', 'GB', 'TB', 'PB'].indexOf(unit)
        expect(number.replace('.', '').length).toBeLessThanOrEqual(4)
        expect(Math.abs(Number(number) * scale - bytes)).toBeLessThanOrEqual(bytes * 0.0005 + 1e-9)
      }),
    )
  })
})

describe('parseBytes', () => {
  for (const { text, bytes } of golden.memory) {
    if (bytes === undefined || bytes < 0) {
      test(`refuses ${JSON.stringify(text)}`, () => {
        expect(() => parseBytes(text)).toThrow(NaruError)
        expect(() => parseBytes(text)).toThrow(expect.objectContaining({ code: 'invalid-request', params: { value: text } }))
      })
    } else test(`${JSON.stringify(text)} is ${bytes}`, () => expect(parseBytes(text)).toBe(bytes))
  }
  test.each(['1__0', '_1', '1_', '1.e', 'e3', '--1', '1 k k'])('refuses %s', (text) =>
    expect(() => parseBytes(text)).toThrow(NaruError))
  test('never returns a fraction, a negative or an unsafe surprise', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          const bytes = parseBytes(text)
          expect(Number.isInteger(bytes) && bytes >= 0).toBe(true)
        } catch (error) {
          expect(error).toBeInstanceOf(NaruError)
        }
      }),
    )
  })
})

describe('formatDuration', () => {
  const S = 1000, M = 60 * S, H = 60 * M, D = 24 * H
  test.each([
    [0, 'Less than a second'],
    [-5 * S, 'Less than a second'],
    [999, 'Less than a second'],
    [S, '1 second'],
    [1999, '1 second'],
    [59_999, '59 seconds'],
    [M, 'About a minute'],
    [2 * M - 1, 'About a minute'],
    [2 * M, '2 minutes'],
    [59 * M + 59 * S, '59 minutes'],
    [H, 'About an hour'],
    [1.49 * H, 'About an hour'],
    [1.5 * H, '2 hours'],
    [47.4 * H, '47 hours'],
    [48 * H, '2 days'],
    [13 * D, '13 days'],
    [14 * D, '2 weeks'],
    [59 * D, '8 weeks'],
    [60 * D, '2 months'],
    [729 * D, '24 months'],
    [730 * D, '2 years'],
    [3653 * D, '10 years'],
  ])('%d ms is %s', (ms, text) => expect(formatDuration(ms)).toBe(text))
})

describe('formatMemory', () => {
  test.each([[0, '0B'], [1_023, '1023B'], [675_840, '660KiB'], [64 * 1024 ** 2, '64MiB'], [25_276_502_016, '23.54GiB'], [1.5 * 1024 ** 4, '1.5TiB']])('%d as docker stats prints it', (bytes, text) => {
    expect(formatMemory(bytes)).toBe(text)
  })
})
