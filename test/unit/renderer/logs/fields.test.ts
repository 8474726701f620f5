import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createMatcher } from '../../../../engine/logs/match.ts'
import { commonFields, fieldsOf } from '../../../../renderer/screens/Logs/fields.ts'
import { parseTerm } from '../../../../renderer/screens/Logs/filter-form.ts'
import { filterTerm, pathOf, treeRows } from '../../../../renderer/screens/Logs/json-tree.ts'

const ESC = String.fromCharCode(27)
const found = (line: string): Record<string, string> => Object.fromEntries(fieldsOf(line))

describe('fields of a line', () => {
  it.each([
    ['{"level":"info","n":1,"user":{"id":7,"tags":["a","b"]},"ok":true,"none":null}', { level: 'info', n: '1', 'user.id': '7', 'user.tags': '["a","b"]', ok: 'true', none: 'null' }],
    ['time="2026-11-27T01:00:00Z" level=info msg="a \\"b\\" c" took=12ms', { time: '2026-11-27T01:00:00Z', level: 'info', msg: 'a "b" c', took: '12ms' }],
    [`${ESC}[36mINFO${ESC}[0m  started port=80 host=`, { port: '80', host: '' }],
    ['one=pair only', {}],
    ['plain text', {}],
    ['{"broken":', {}],
    ['SELECT * FROM a WHERE b=1', {}],
  ])('%s', (line, expected) => expect(found(line)).toEqual(expected))

  it('the most frequent come first, then those that came first', () => {
    const lines = ['{"a":1,"b":2}', '{"b":1,"c":2}', 'x=1 y=2'].map(fieldsOf)
    expect(commonFields(lines, 3)).toEqual(['b', 'a', 'c'])
  })

  it('of any line are found at once, and of any object are all there', () => {
    fc.assert(fc.property(fc.string(), (line) => void fieldsOf(line)))
    fc.assert(
      fc.property(fc.dictionary(fc.string({ minLength: 1 }), fc.oneof(fc.string(), fc.integer(), fc.boolean()), { maxKeys: 8 }), (object) => {
        expect([...fieldsOf(JSON.stringify(object)).values()]).toEqual(Object.values(JSON.parse(JSON.stringify(object)) as object).map(String))
      }),
    )
    const began = performance.now()
    fieldsOf('a="'.repeat(20_000))
    fieldsOf(`${'a=b '.repeat(15_000)}"`)
    expect(performance.now() - began).toBeLessThan(1_000)
  })
})

/** Follows a path as a reader of code does. */
function at(whole: unknown, path: string): unknown {
  let value = whole
  for (const [, name, place] of path.matchAll(/(?:^|\.)([A-Za-z_$][\w$]*)|\[(\d+|"(?:[^"\\]|\\.)*")\]/g)) {
    value = (value as Record<string, unknown>)[name ?? String(JSON.parse(place ?? '""'))]
  }
  return value
}

describe('a tree of JSON', () => {
  const value = { a: 1, list: [{ b: 'x' }, []], 'odd key': { deep: { deeper: { deepest: 1 } } }, none: null }

  it('has a row for each member of what is open', () => {
    expect(treeRows(value, new Set()).map(({ path, text, open }) => `${path} ${text} ${open}`)).toEqual([
      ' {…} true',
      'a 1 false',
      'list […] true',
      'list[0] {…} true',
      'list[0].b "x" false',
      'list[1] [] false',
      '["odd key"] {…} true',
      '["odd key"].deep {…} true',
      '["odd key"].deep.deeper {…} false',
      'none null false',
    ])
    const turned = treeRows(value, new Set(['list', '["odd key"].deep.deeper']))
    expect(turned.map(({ path }) => path)).toEqual(['', 'a', 'list', '["odd key"]', '["odd key"].deep', '["odd key"].deep.deeper', '["odd key"].deep.deeper.deepest', 'none'])
  })

  it('a long list begins folded', () => {
    expect(treeRows({ list: Array(60).fill(0) }, new Set())).toHaveLength(2)
  })

  it('its paths lead to the values', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 3 }), (json) => {
        const whole = JSON.parse(json) as unknown
        for (const row of treeRows(whole, new Set())) {
          expect(at(whole, row.path)).toEqual(row.value)
        }
      }),
    )
    expect(pathOf('a', 'b-c', false)).toBe('a["b-c"]')
  })
})

describe('a filter by a value', () => {
  const passes = (line: string, typed: string): boolean => {
    const term = parseTerm(typed)
    if (!term) throw new Error('no term')
    const text = Buffer.from(`${line}\n`)
    return createMatcher(term)({ text, ends: Uint32Array.of(text.length) }).length > 0
  }

  it('is the text of the line where that says it, else a pattern', () => {
    expect(filterTerm('{"level":"info"}', { key: 'level', value: 'info' })).toBe('"level":"info"')
    expect(filterTerm('{"level": "info"}', { key: 'level', value: 'info' })).toBe('"level": "info"')
    const number = filterTerm('{"n":18}', { key: 'n', value: 18 })
    expect([passes('{"n":18}', number), passes('{"n": 18,"m":1}', number), passes('{"n":184}', number), passes('{"n":1.18}', number), passes('{"n":18.5}', number)]).toEqual([true, true, false, false, false])
  })

  it('passes the line it was taken from', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ minLength: 1 }), fc.oneof(fc.string(), fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean(), fc.constant(null)), { minKeys: 1, maxKeys: 4 }), fc.boolean(), (object, spaced) => {
        const line = spaced ? JSON.stringify(object, null, 1).replaceAll('\n', '') : JSON.stringify(object)
        for (const [key, value] of Object.entries(JSON.parse(line) as object)) expect(passes(line, filterTerm(line, { key, value }))).toBe(true)
      }),
    )
  })
})
