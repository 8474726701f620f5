import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createMatcher } from '../../../engine/logs/match.ts'
import type { SearchQuery } from '../../../engine/logs/match.ts'

function found(lines: readonly string[], query: Partial<SearchQuery>): number[] {
  const text = Buffer.from(lines.map((line) => `${line}\n`).join(''))
  let at = 0
  const ends = Uint32Array.from(lines, (line) => (at += Buffer.byteLength(line) + 1))
  return createMatcher({ query: '', regex: false, caseSensitive: false, word: true, ...query })({ text, ends })
}

describe('whole words', () => {
  const lines = ['id 7', 'width 7', 'ID=7', 'id_7', 'x id', '(id)', 'idid id', 'grid']

  it('stand alone, whatever the case', () => {
    expect(found(lines, { query: 'id' })).toEqual([0, 2, 4, 5, 6])
    expect(found(lines, { query: 'id', caseSensitive: true })).toEqual([0, 4, 5, 6])
    expect(found(lines, { query: 'id', word: false })).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
  })

  it('letters of every script are letters', () => {
    expect(found(['주문 접수', '주문이 접수', '“주문”', 'é주문'], { query: '주문' })).toEqual([0, 2])
  })

  it('an end that is no letter may stand anywhere', () => {
    expect(found(['a/b/c', 'xa/b/', 'a/bc'], { query: 'a/b' })).toEqual([0])
    expect(found(['[x]y', 'z[x]'], { query: '[x]' })).toEqual([0, 1])
  })

  it('patterns are whole as well, all of their branches', () => {
    expect(found(['a1', 'b2 ', 'xa1', 'a1b2'], { query: 'a1|b2', regex: true })).toEqual([0, 1])
    expect(() => found([], { query: ')|(', regex: true })).toThrow('not a valid regular expression')
  })

  it('are some of the lines that have the text, and whatever is typed is text', () => {
    const texts = fc.array(fc.stringMatching(/^[a-c주.*_ ()\\-]{0,12}$/), { maxLength: 20 })
    fc.assert(
      fc.property(texts, fc.stringMatching(/^[a-c주.*_ ()\\/^$|?+{}[\]-]{1,4}$/), (rows, query) => {
        const anywhere = new Set(found(rows, { query, word: false }))
        for (const row of found(rows, { query })) expect(anywhere.has(row)).toBe(true)
        expect(found([query], { query })).toEqual([0])
      }),
    )
  })
})
