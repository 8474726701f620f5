import { effectScope } from 'vue'
import type { EffectScope } from 'vue'
import { afterEach, describe, expect, it } from 'vitest'
import { NaruError } from '../../../../engine/contract/errors.ts'
import { PAGE_ENTRIES, useFileTree } from '../../../../renderer/screens/Images/contents/use-file-tree.ts'
import type { FileTree } from '../../../../renderer/screens/Images/contents/use-file-tree.ts'
import { findTouching } from '../../../../renderer/screens/Images/contents/reveal.ts'

interface Entry {
  readonly name: string
  readonly path: string
  readonly hasChildren: boolean
}

let scope: EffectScope
afterEach(() => scope?.stop())

/** A tree over paths; a path that ends with a slash is a directory. */
function tree(paths: readonly string[], fail: ReadonlySet<string> = new Set()) {
  const asked: string[] = []
  const clean = paths.map((path) => path.replace(/\/$/, ''))
  const children = (folder: string): Entry[] =>
    clean
      .filter((path) => (folder === '' ? !path.includes('/') : path.startsWith(`${folder}/`) && !path.slice(folder.length + 1).includes('/')))
      .map((path) => ({ path, name: path.split('/').at(-1) ?? '', hasChildren: clean.some((other) => other.startsWith(`${path}/`)) }))
  scope = effectScope()
  const made = scope.run(() =>
    useFileTree<Entry>(async (path, offset) => {
      asked.push(offset > 0 ? `${path}@${offset}` : path)
      await Promise.resolve()
      if (fail.has(path)) throw new NaruError('timeout', 'late')
      const all = children(path)
      return { entries: all.slice(offset, offset + PAGE_ENTRIES), total: all.length }
    }),
  ) as FileTree<Entry>
  const shown = (): string[] => made.rows.value.map((row) => (row.kind === 'entry' ? row.entry.path : row.kind))
  return { ...made, asked, shown }
}
const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 60; turn += 1) await Promise.resolve()
}

describe('useFileTree', () => {
  it('reads a directory when it is opened, once', async () => {
    const it = tree(['app/', 'app/a', 'app/b', 'etc/', 'etc/passwd', 'x'])
    it.reset(false)
    expect(it.fresh.value).toBe(true)
    await settle()
    expect(it.shown()).toEqual(['app', 'etc', 'x'])
    it.toggle('app')
    await settle()
    it.toggle('app')
    expect(it.shown()).toEqual(['app', 'etc', 'x'])
    it.toggle('app')
    await settle()
    expect(it.shown()).toEqual(['app', 'app/a', 'app/b', 'etc', 'x'])
    expect(it.asked).toEqual(['', 'app'])
  })

  it('goes on by itself through directories that lie alone', async () => {
    const it = tree(['usr/', 'usr/share/', 'usr/share/doc/', 'usr/share/doc/a', 'usr/share/doc/b'])
    it.reset(false)
    await settle()
    expect(it.shown()).toEqual(['usr', 'usr/share', 'usr/share/doc', 'usr/share/doc/a', 'usr/share/doc/b'])
  })

  it('opens by itself what a filter left, and keeps what was open', async () => {
    const it = tree(['app/', 'app/a', 'etc/', 'etc/b', 'z'])
    it.reset(true)
    await settle()
    expect(it.shown()).toEqual(['app', 'app/a', 'etc', 'etc/b', 'z'])
    it.toggle('etc')
    it.reset(false)
    await settle()
    expect(it.shown()).toEqual(['app', 'app/a', 'etc', 'z'])
  })

  it('reads the rest of a large directory on demand', async () => {
    const it = tree(Array.from({ length: PAGE_ENTRIES + 3 }, (_, n) => `file-${n}`))
    it.reset(false)
    await settle()
    expect(it.shown().at(-1)).toBe('more')
    it.more('')
    await settle()
    expect(it.shown()).toHaveLength(PAGE_ENTRIES + 3)
    expect(it.asked).toEqual(['', `@${PAGE_ENTRIES}`])
  })

  it('reveals a path deep down, beyond the first page', async () => {
    const it = tree(['a/', 'b/', 'b/c/', ...Array.from({ length: PAGE_ENTRIES }, (_, n) => `b/c/f${n}`), 'b/c/zz', 'b/d', 'a/x'])
    it.reset(false)
    await settle()
    expect(await it.reveal('b/c/zz')).toBe(true)
    expect(it.shown()).toContain('b/c/zz')
    expect(await it.reveal('b/nowhere/x')).toBe(false)
  })

  it('says what could not be read and tries it again', async () => {
    const fail = new Set(['app'])
    const it = tree(['app/', 'app/a', 'app/b', 'z'], fail)
    it.reset(false)
    await settle()
    it.toggle('app')
    await settle()
    expect(it.shown()).toEqual(['app', 'error', 'z'])
    fail.clear()
    it.more('app')
    await settle()
    expect(it.shown()).toEqual(['app', 'app/a', 'app/b', 'z'])
  })
})

describe('findTouching', () => {
  const layers = [false, true, false].map((empty, index) => ({ index, empty })) as never
  it('is the newest layer that has the path', async () => {
    const asked: number[] = []
    const found = await findTouching({ layers }, 'etc/x', async (layer) => {
      asked.push(layer)
      if (layer !== 0) throw new NaruError('not-found', 'no')
      return { path: 'etc/x' } as never
    })
    expect([found?.index, asked]).toEqual([0, [2, 0]])
    expect(await findTouching({ layers }, 'x', () => Promise.reject(new NaruError('not-found', 'no')))).toBeNull()
  })
})
