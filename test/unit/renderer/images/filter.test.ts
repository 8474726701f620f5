import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ImageRow } from '../../../../engine/contract/models.ts'
import { formatTerm, isEmptyFilter } from '../../../../renderer/components/filter/terms.ts'
import { matchesFilter, parseFilter, parseTerm } from '../../../../renderer/screens/Images/filter.ts'

const ROW: ImageRow = {
  id: `sha256:3f2a9c${'0'.repeat(58)}`,
  tags: ['nginx:1.27', 'web:latest'],
  digests: [`nginx@sha256:${'d'.repeat(64)}`],
  createdAt: 0,
  sizeBytes: 1,
  dangling: false,
  labels: { team: 'blue birds' },
}
const passes = (text: string, used = false, row: Partial<ImageRow> = {}): boolean => matchesFilter({ ...ROW, ...row }, used, parseFilter(text))

describe('the filter of images', () => {
  it('tells terms from words', () => {
    const filter = parseFilter('is:unused name:ngi "two words" label:"team=blue birds" is:happy')
    expect(filter.terms.map(formatTerm)).toEqual(['is:unused', 'name:ngi', 'label:"team=blue birds"'])
    expect(filter.words).toEqual(['two words', 'is:happy'])
    expect(isEmptyFilter(parseFilter('  '))).toBe(true)
  })
  it('knows what is used', () => {
    expect([passes('is:used', true), passes('is:used'), passes('is:unused'), passes('is:unused', true)]).toEqual([true, false, true, false])
    expect(passes('is:used is:unused')).toBe(true)
    expect(passes('-is:used', true)).toBe(false)
  })
  it('knows dangling images', () => {
    expect(passes('is:dangling')).toBe(false)
    expect(passes('is:dangling', false, { dangling: true, tags: [] })).toBe(true)
    expect(passes('is:dangling -is:dangling', false, { dangling: true })).toBe(false)
  })
  it('finds names, ids with and without algorithm, and labels', () => {
    expect(passes('name:WEB')).toBe(true)
    expect(passes('name:1.26')).toBe(false)
    expect([passes('id:3f2a'), passes('id:sha256:3f2a'), passes('id:9c')]).toEqual([true, true, false])
    expect([passes('label:team'), passes('label:"team=blue birds"'), passes('label:team=red')]).toEqual([true, true, false])
    expect([passes('ngi lat'), passes('3f2a9c'), passes('birds'), passes('nothing')]).toEqual([true, true, true, false])
  })
  it('reads back every term it writes', () => {
    fc.assert(fc.property(fc.string(), (text) => {
      for (const term of parseFilter(text).terms) expect(parseTerm(formatTerm(term))).toEqual(term)
    }))
  })
})
