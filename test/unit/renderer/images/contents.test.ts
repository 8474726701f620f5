import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { analysedIndex, hexLines, looksBinary, modeText, saveName, textWindow } from '../../../../renderer/screens/Images/contents/attributes.ts'
import { ancestors, treeMove, treeRows } from '../../../../renderer/screens/Images/contents/tree-rows.ts'
import type { TreePage } from '../../../../renderer/screens/Images/contents/tree-rows.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

describe('modeText', () => {
  it.each([
    ['directory', 0o755, 'drwxr-xr-x'],
    ['file', 0o4755, '-rwsr-xr-x'],
    ['file', 0o2640, '-rw-r-S---'],
    ['directory', 0o1777, 'drwxrwxrwt'],
    ['symlink', 0o777, 'lrwxrwxrwx'],
    ['fifo', 0o1600, 'prw------T'],
  ] as const)('%s %o', (type, mode, text) => {
    expect(modeText(type, mode)).toBe(text)
  })
})

describe('textWindow', () => {
  it('leaves the line that the window cuts for the next one', () => {
    expect(textWindow(bytes('one\ntwo\nthr'), false)).toEqual({ lines: ['one', 'two'], usedBytes: 8 })
    expect(textWindow(bytes('one\r\ntwo'), true)).toEqual({ lines: ['one', 'two'], usedBytes: 8 })
    expect(textWindow(bytes('one\n\n'), true).lines).toEqual(['one', ''])
    expect(textWindow(new Uint8Array(), true)).toEqual({ lines: [''], usedBytes: 0 })
  })
  it('windows one after the other give the whole text, no character cut (property)', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), fc.integer({ min: 8, max: 40 }), (text, size) => {
        const all = bytes(text)
        let [at, seen] = [0, '']
        while (at < all.length) {
          const part = all.subarray(at, at + size)
          const { usedBytes } = textWindow(part, at + part.length >= all.length)
          expect(usedBytes).toBeGreaterThan(0)
          seen += new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(part.subarray(0, usedBytes))
          at += usedBytes
        }
        expect(seen).toBe(text)
      }),
      { seed: 20261126 },
    )
  })
  it('tells text from other files', () => {
    expect([looksBinary(bytes('abc')), looksBinary(new Uint8Array([1, 0, 2]))]).toEqual([false, true])
  })
})

describe('hexLines', () => {
  it('are sixteen bytes with their place and what can be read of them', () => {
    const [first, second] = hexLines(bytes('Naru 나루 0123456789'), 32)
    expect(first).toEqual({ offset: '00000020', hex: '4e 61 72 75 20 eb 82 98  eb a3 a8 20 30 31 32 33', text: 'Naru ······ 0123' })
    expect(second).toEqual({ offset: '00000030', hex: '34 35 36 37 38 39'.padEnd(48), text: '456789' })
  })
})

describe('saveName', () => {
  it.each([
    ['etc/passwd', 'file', 'passwd'],
    ['app/node_modules', 'directory', 'node_modules.tar'],
    ['', 'directory', 'root.tar'],
    ['a/b<c>:"d', 'file', 'b-c-d'],
    ['보고서/목록.txt', 'file', '목록.txt'],
  ] as const)('%s', (path, type, name) => {
    expect(saveName(path, type)).toBe(name)
  })
})

describe('analysedIndex', () => {
  const of = (...ids: string[]) => ids.map((diffId) => ({ diffId }))
  it('goes by the layers with files, whatever settings lie between', () => {
    expect(analysedIndex(of('a', '', 'b'), of('', 'a', 'b'), 2)).toBe(2)
    expect(analysedIndex(of('a', '', 'b'), of('', 'a', 'b'), 1)).toBe(1)
    expect(analysedIndex(of('', 'a'), of('a'), 0)).toBe(-1)
    expect(analysedIndex(of('a', 'b'), of('a'), 1)).toBe(-1)
  })
})

interface Entry {
  readonly name: string
  readonly path: string
  readonly hasChildren: boolean
}
const entry = (path: string, hasChildren = false): Entry => ({ path, name: path.split('/').at(-1) ?? '', hasChildren })
const page = (entries: readonly Entry[], more: Partial<TreePage<Entry>> = {}): TreePage<Entry> => ({ entries, total: entries.length, loading: false, error: null, ...more })

describe('treeRows', () => {
  const pages = new Map([
    ['', page([entry('app', true), entry('readme')])],
    ['app', page([entry('app/lib', true), entry('app/main.js')], { total: 5 })],
  ])
  const short = (open: string[]) => treeRows(pages, new Set(open)).map((row) => (row.kind === 'entry' ? `${row.depth} ${row.entry.path} ${row.position}/${row.setSize}` : `${row.depth} ${row.kind}`))

  it('shows what is open, and what is still to come', () => {
    expect(short([])).toEqual(['0 app 1/2', '0 readme 2/2'])
    expect(short(['app'])).toEqual(['0 app 1/2', '1 app/lib 1/5', '1 app/main.js 2/5', '1 more', '0 readme 2/2'])
    expect(short(['app', 'app/lib'])).toEqual(['0 app 1/2', '1 app/lib 1/5', '2 loading', '1 app/main.js 2/5', '1 more', '0 readme 2/2'])
    expect(treeRows(new Map(), new Set()).map(({ kind }) => kind)).toEqual(['loading'])
  })
  it('says what could not be read, beside what could', () => {
    const error = { code: 'timeout', message: 'late', retryable: true } as const
    expect(treeRows(new Map([['', page([entry('a')], { total: 9, error })]]), new Set()).map(({ kind }) => kind)).toEqual(['entry', 'error'])
  })

  it('is walked by the keys of a tree', () => {
    const rows = treeRows(pages, new Set(['app']))
    expect(treeMove(rows, 0, 'ArrowDown')).toEqual({ to: 1 })
    expect(treeMove(rows, 4, 'ArrowDown')).toEqual({ to: 4 })
    expect(treeMove(rows, 0, 'ArrowRight')).toEqual({ to: 1 })
    expect(treeMove(rows, 1, 'ArrowRight')).toEqual({ toggle: 'app/lib' })
    expect(treeMove(rows, 2, 'ArrowRight')).toEqual({ to: 2 })
    expect(treeMove(rows, 2, 'ArrowLeft')).toEqual({ to: 0 })
    expect(treeMove(rows, 0, 'ArrowLeft')).toEqual({ toggle: 'app' })
    expect(treeMove(rows, 2, 'Home')).toEqual({ to: 0 })
    expect(treeMove(rows, 2, 'End')).toEqual({ to: 4 })
    expect(treeMove(rows, 2, 'x')).toBeNull()
  })
})

it('ancestors of a path, outermost first', () => {
  expect(ancestors('a/b/c')).toEqual(['', 'a', 'a/b'])
  expect(ancestors('a')).toEqual([''])
})
