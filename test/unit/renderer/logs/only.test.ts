import { describe, expect, test } from 'vitest'
import type { ContainerRow } from '../../../../engine/contract/models.ts'
import { choiceOf, grown, onlyAfter } from '../../../../renderer/screens/Logs/only.ts'

const row = (id: string, more: Partial<ContainerRow> = {}) => ({ id, name: id, createdAt: 0, state: 'running', ...more }) as ContainerRow

describe('containers of a merged log', () => {
  const names = ['web', 'db', 'cache']

  test('a click hides one and shows it again; the last one stays', () => {
    expect(onlyAfter(names, [], 'db', false)).toEqual(['web', 'cache'])
    expect(onlyAfter(names, ['web', 'cache'], 'db', false)).toEqual([])
    expect(onlyAfter(names, ['cache'], 'web', false)).toEqual(['web', 'cache'])
    expect(onlyAfter(names, ['web'], 'web', false)).toEqual([])
  })

  test('with Alt only that one, and all again', () => {
    expect(onlyAfter(names, ['web', 'db'], 'db', true)).toEqual(['db'])
    expect(onlyAfter(names, ['db'], 'db', true)).toEqual([])
  })

  test('the address names a project, some containers, or none: then the first that runs', () => {
    const rows = [row('c', { project: 'shop', createdAt: 3 }), row('a', { project: 'shop', createdAt: 1 }), row('b', { state: 'exited' })]
    expect(choiceOf({ project: 'shop' }, rows)).toEqual({ project: 'shop', ids: ['a', 'c'] })
    expect(choiceOf({ container: ['b', 'gone', 'a'] }, rows)).toEqual({ project: null, ids: ['b', 'a'] })
    expect(choiceOf({}, [row('b', { state: 'exited' }), ...rows])).toEqual({ project: null, ids: ['c'] })
  })

  test('what joins is behind what was there, and what goes stays', () => {
    expect(grown(['b', 'a'], ['a', 'c'])).toEqual(['b', 'a', 'c'])
    const same = ['b', 'a']
    expect(grown(same, ['a'])).toBe(same)
  })
})
