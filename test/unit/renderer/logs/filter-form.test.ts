import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CONTEXTS, EMPTY_FORM, STREAMS, formOf, parseTerm, passesAll, queryOf, toFilter, toTimelessFilter } from '../../../../renderer/screens/Logs/filter-form.ts'
import type { FilterForm } from '../../../../renderer/screens/Logs/filter-form.ts'
import { LOG_LEVELS } from '../../../../engine/logs/level.ts'

describe('the form of a filter', () => {
  test('text and patterns', () => {
    expect(parseTerm(' GET ')).toEqual({ query: 'GET', regex: false, caseSensitive: false })
    expect(parseTerm('/a\\/b$/')).toEqual({ query: 'a\\/b$', regex: true, caseSensitive: false })
    expect([parseTerm('/usr/')?.regex, parseTerm('/usr')?.regex, parseTerm('//')?.query, parseTerm('  ')]).toEqual([true, false, '//', null])
  })

  test('whole words are asked for of every term', () => {
    expect(toFilter({ ...EMPTY_FORM, include: ['a', '/b/'], word: true }, 0).include.map(({ word }) => word)).toEqual([true, true])
    expect(toFilter({ ...EMPTY_FORM, include: ['a'] }, 0).include).toEqual([{ query: 'a', regex: false, caseSensitive: false }])
  })

  test('containers by name; a name nobody has lets nothing pass', () => {
    const names = ['web', 'db', 'cache']
    expect(toFilter({ ...EMPTY_FORM, only: ['cache', 'web'] }, 0, names).sources).toEqual([0, 2])
    expect(toFilter(EMPTY_FORM, 0, names).sources).toEqual([])
    expect(toFilter({ ...EMPTY_FORM, only: ['gone'] }, 0, names).sources).toEqual([254])
    expect(toTimelessFilter({ ...EMPTY_FORM, only: ['db'] }, 0, names)).toMatchObject({ sources: [1] })
  })

  test('nothing asked passes all', () => {
    expect(passesAll(EMPTY_FORM)).toBe(true)
    expect(passesAll({ ...EMPTY_FORM, context: 3 })).toBe(true)
    expect(passesAll({ ...EMPTY_FORM, levels: ['warn'] })).toBe(false)
    expect(passesAll({ ...EMPTY_FORM, until: 5 })).toBe(false)
  })

  const words = fc.array(fc.string({ minLength: 1, maxLength: 20 }).filter((text) => text.trim() !== ''), { maxLength: 4 })
  const forms: fc.Arbitrary<FilterForm> = fc.record({
    include: words,
    exclude: words,
    levels: fc.subarray([...LOG_LEVELS]),
    stream: fc.constantFrom(...STREAMS),
    context: fc.constantFrom(...CONTEXTS),
    only: words,
    word: fc.boolean(),
    since: fc.option(fc.integer({ min: 0, max: 4e12 }), { nil: null }),
    until: fc.option(fc.integer({ min: 0, max: 4e12 }), { nil: null }),
    columns: fc.uniqueArray(fc.string({ minLength: 1, maxLength: 20 }).filter((text) => text.trim() !== ''), { maxLength: 4 }),
  })

  test('an address gives the form back, and keeps what is not the form’s', () => {
    fc.assert(
      fc.property(forms, (form) => {
        const query = queryOf(form, { tab: 'logs', level: ['info'], with: 'old' })
        expect(formOf(query)).toEqual(form)
        expect(query['tab']).toBe('logs')
      }),
    )
  })

  test('nonsense in an address is left out', () => {
    expect(formOf({ since: 'soon', until: ['2026'], level: ['loud', 'warn'], stream: 'x', around: '7', with: [null, '', 'a'], without: 3 })).toEqual({ ...EMPTY_FORM, levels: ['warn'], include: ['a'] })
  })

  test('a histogram is asked for without the range of time it is there to choose', () => {
    expect(toTimelessFilter({ ...EMPTY_FORM, since: 1, until: 2, context: 3 }, 0)).toBeNull()
    expect(toTimelessFilter({ ...EMPTY_FORM, since: 1, levels: ['warn'] }, 4)).toMatchObject({ levels: ['warn'], since: null, until: null, fromLine: 4 })
  })

  test('the engine room is asked for what was typed, at most twenty words', () => {
    const filter = toFilter({ ...EMPTY_FORM, include: Array.from({ length: 30 }, (_, n) => `w${n}`), exclude: ['/x/', ' '] }, 7)
    expect(filter.include).toHaveLength(20)
    expect(filter).toMatchObject({ exclude: [{ query: 'x', regex: true }], fromLine: 7, stream: 'all', context: 0 })
  })
})
