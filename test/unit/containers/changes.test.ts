import { describe, expect, it, vi } from 'vitest'
import { changesOf, commitContainer } from '../../../engine/containers/changes.ts'
import { changeRows, countOf, filterChanges, totalOf } from '../../../renderer/screens/Containers/detail/changes.ts'

const signal = new AbortController().signal
const SPEC = { reference: '', message: '', author: '', pause: true, changes: [] }

describe('changesOf', () => {
  it('sorts by path and says what happened to each', () => {
    const changes = changesOf([{ Path: '/tmp/b', Kind: 1 }, { Path: '/etc', Kind: 0 }, { Path: '/etc/old', Kind: 2 }, { Path: '/tmp/a', Kind: 1 }])
    expect(changes).toEqual({ added: 2, changed: 1, deleted: 1, paths: ['/etc', '/etc/old', '/tmp/a', '/tmp/b'], kinds: 'CDAA' })
    expect(changesOf([])).toEqual({ added: 0, changed: 0, deleted: 0, paths: [], kinds: '' })
  })

  it('stays within its bounds and counts everything', () => {
    const many = changesOf(Array.from({ length: 250_000 }, (_, n) => ({ Path: `/f/${n}`, Kind: 1 })))
    expect([many.paths.length, many.kinds.length, many.added]).toEqual([200_000, 200_000, 250_000])
    const long = changesOf(Array.from({ length: 3_000 }, (_, n) => ({ Path: `/${'x'.repeat(4_000)}/${n}`, Kind: 1 })))
    expect(long.paths.join('').length).toBeLessThan(8 * 1024 * 1024)
    expect(long.added).toBe(3_000)
  })
})

describe('commitContainer', () => {
  it('gives the engine the full name, and gives back the familiar one', async () => {
    const call = vi.fn(async () => 'a'.repeat(64))
    const done = await commitContainer({ commitContainer: call }, 'c1', { ...SPEC, reference: 'web', message: 'm', pause: false, changes: ['CMD a'] }, signal)
    expect(done).toEqual({ imageId: `sha256:${'a'.repeat(64)}`, reference: 'web:latest' })
    expect(call).toHaveBeenCalledWith('c1', { repo: 'docker.io/library/web', tag: 'latest', comment: 'm', pause: false, changes: ['CMD a'] }, { signal })
  })

  it('needs no name', async () => {
    const call = vi.fn(async () => `sha256:${'b'.repeat(64)}`)
    expect(await commitContainer({ commitContainer: call }, 'c1', SPEC, signal)).toMatchObject({ reference: '' })
    expect(call).toHaveBeenCalledWith('c1', { pause: true, changes: [] }, { signal })
  })

  it.each(['UPPER', `a@sha256:${'a'.repeat(64)}`])('refuses %s before the engine is asked', async (reference) => {
    const call = vi.fn(async () => '')
    await expect(commitContainer({ commitContainer: call }, 'c1', { ...SPEC, reference }, signal)).rejects.toMatchObject({ code: 'invalid-reference' })
    expect(call).not.toHaveBeenCalled()
  })
})

describe('rows of the tab', () => {
  const changes = { added: 2, changed: 1, deleted: 1, paths: ['/a', '/B/c', '/d', '/e'], kinds: 'ACDA' }
  const paths = (chosen: readonly ('A' | 'C' | 'D')[], text: string) => filterChanges(changeRows(changes), new Set(chosen), text).map(({ path }) => path)

  it('are filtered by kind and by path', () => {
    expect(paths([], '')).toEqual(['/a', '/B/c', '/d', '/e'])
    expect(paths(['A'], '')).toEqual(['/a', '/e'])
    expect(paths(['C', 'D'], ' b/ ')).toEqual(['/B/c'])
    expect(paths(['D'], 'a')).toEqual([])
    expect([totalOf(changes), countOf(changes, 'A')]).toEqual([4, 2])
  })
})
