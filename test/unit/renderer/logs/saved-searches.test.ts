import { describe, expect, test } from 'vitest'
import { EMPTY_FORM } from '../../../../renderer/screens/Logs/filter-form.ts'
import { isWhole } from '../../../../renderer/screens/Logs/highlight.ts'
import { formOfSaved, isSame, renamed, savedOf, withSaved } from '../../../../renderer/screens/Logs/saved-searches.ts'

const query = { query: 'db', regex: false, caseSensitive: false, word: true }
const saved = savedOf(' errors ', { ...EMPTY_FORM, levels: ['error'], since: 5 }, query)

describe('saved searches', () => {
  test('hold everything but the range of time, which stays what it is', () => {
    expect(saved).toMatchObject({ name: 'errors', levels: ['error'], search: query })
    expect(saved).not.toHaveProperty('since')
    expect(formOfSaved(saved, { ...EMPTY_FORM, include: ['old'], since: 7, until: 9 })).toEqual({ ...EMPTY_FORM, levels: ['error'], since: 7, until: 9 })
  })

  test('the same is the same whatever its name; switches of an empty search do not matter', () => {
    expect(isSame(saved, { ...saved, name: 'other' })).toBe(true)
    expect(isSame(saved, { ...saved, search: { ...query, word: false } })).toBe(false)
    const none = savedOf('a', EMPTY_FORM, { ...query, query: '' })
    expect(isSame(none, { ...none, search: { ...none.search, regex: true } })).toBe(true)
  })

  test('a name is one: saved again it is replaced, taken ones are refused', () => {
    const list = withSaved(withSaved([], saved), { ...saved, name: 'b' })
    expect(withSaved(list, { ...saved, context: 3 }).map(({ name, context }) => [name, context])).toEqual([['b', 0], ['errors', 3]])
    expect(renamed(list, 'b', 'errors')).toBeNull()
    expect(renamed(list, 'b', '  ')).toBeNull()
    expect(renamed(list, 'b', 'b')).toEqual(list)
    expect(renamed(list, 'b', ' c ')?.map(({ name }) => name)).toEqual(['c', 'errors'])
  })
})

test('marks of whole words are where the engine room finds them', () => {
  expect([isWhole('an id', 3, 5), isWhole('grid', 2, 4), isWhole('id_', 0, 2), isWhole('a/b/c', 1, 3)]).toEqual([true, false, false, true])
  expect(isWhole('x[y]z', 1, 4)).toBe(true)
})
