import { describe, expect, it, test } from 'vitest'
import { lineOf, linkText, markOfLink, routeOfLink } from '../../../../renderer/screens/Logs/line-link.ts'
import { SECOND, partOf, withPart, withoutFirst } from '../../../../renderer/screens/Logs/use-log-address.ts'

const A = 'a'.repeat(64)
const LINE = { containerId: A, time: 1_795_768_095_123.4568, nth: 2 }

describe('a link to a line', () => {
  it('names engine, containers, filter and line, and leads back to them', () => {
    const text = linkText('native', [A, 'b'], { container: A, level: ['error', 'warn'], with: '주문 & 1', tab: 'logs', line: 'old', engine: 'other' }, LINE)
    expect(text.startsWith('naru:/logs?')).toBe(true)
    const route = routeOfLink(text) ?? expect.fail('is a link')
    const words = new URLSearchParams(route.slice(6))
    expect([...words]).toEqual([['engine', 'native'], ['container', A], ['container', 'b'], ['level', 'error'], ['level', 'warn'], ['with', '주문 & 1'], ['line', `${A}~1795768095123.4568~2`]])
    expect(lineOf(words.get('line'))).toEqual(LINE)
    expect(markOfLink(LINE, ['b', A])).toEqual({ source: 1, time: LINE.time, nth: 2 })
    expect(markOfLink(LINE, ['b'])).toBeNull()
  })

  it('of a project names the project', () => {
    expect(linkText('native', [A], { project: 'shop' }, LINE)).toContain('project=shop&line=')
  })

  const route = `/logs?engine=e&container=${A}&line=${A}~1.5~0`
  test.each([
    [`naru:${route}`, route],
    [` http://127.0.0.1:4711/room/#${route}\n`, route],
    [`app://naru/#${route}`, route],
    [`#${route}`, route],
    [route, route],
    ['/logs?line=x', null],
    ['/logs?container=a', null],
    ['javascript:/logs?line=a~1~0', null],
    ['/containers?line=a~1~0', null],
    ['web', null],
  ])('%s', (typed, wanted) => expect(routeOfLink(typed)).toBe(wanted))

  test.each([undefined, ['a~1~0'], '', 'a~1', 'a~-1~0', 'a~1~0~', '../a~1~0'])('%j is no line', (value) => expect(lineOf(value)).toBeNull())
})

describe('the address of two views', () => {
  const query = { container: 'a', level: ['error'], 'b.container': ['b', 'c'], 'b.with': 'x', together: '1' }
  it('has a part for each', () => {
    expect(partOf(query, '')).toEqual({ container: 'a', level: ['error'] })
    expect(partOf(query, SECOND)).toEqual({ container: ['b', 'c'], with: 'x' })
  })
  it('changes one and leaves the other', () => {
    expect(withPart(query, '', { container: 'z' })).toEqual({ container: 'z', 'b.container': ['b', 'c'], 'b.with': 'x', together: '1' })
    expect(withPart(query, SECOND, { container: 'z' })).toEqual({ container: 'a', level: ['error'], 'b.container': 'z', together: '1' })
    expect(withPart(query, SECOND, null)).toEqual({ container: 'a', level: ['error'], together: '1' })
  })
  it('gives the room to the one that stays', () => expect(withoutFirst(query)).toEqual({ container: ['b', 'c'], with: 'x' }))
})
