import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { HubTag } from '../../../../engine/contract/models.ts'
import { compareByDate, groupedRows, matchingTags, tagRows } from '../../../../renderer/screens/Hub/tag-groups.ts'
import { compareTagNames, naturalCompare } from '../../../../renderer/screens/Hub/tag-order.ts'
import { largeRepository } from '../../../support/hub-large.ts'

const SEED = { seed: 20_261_120, numRuns: 2_000 }
/** Names as registries allow them, with many near-equal ones. */
const name = fc.oneof(
  fc.constantFrom('latest', 'alpine', 'v1', '1', '01', '1.01', '1.1', '1.10', '1.9', '1.27-rc1', '1.27', 'stable'),
  fc.stringMatching(/^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,11}$/),
  fc.tuple(fc.nat(30), fc.nat(30), fc.constantFrom('', '-alpine', '-slim')).map(([a, b, c]) => `${a}.${b}${c}`),
)
const sign = (n: number): number => Math.sign(n)

describe.each([
  ['naturalCompare', naturalCompare],
  ['compareTagNames', compareTagNames],
])('%s is a total order', (_, compare) => {
  it('of which only equal texts are equal, and which can be turned round', () =>
    fc.assert(
      fc.property(name, name, (a, b) => {
        expect(compare(a, b) === 0).toBe(a === b)
        expect(sign(compare(a, b))).toBe(0 - sign(compare(b, a)))
      }),
      SEED,
    ))
  it('that is transitive', () =>
    fc.assert(
      fc.property(name, name, name, (a, b, c) => {
        const [x, y, z] = [a, b, c].sort(compare) as [string, string, string]
        expect([compare(x, y) <= 0, compare(y, z) <= 0, compare(x, z) <= 0]).toEqual([true, true, true])
      }),
      SEED,
    ))
  it('that does not depend on where one begins', () =>
    fc.assert(
      fc.property(fc.uniqueArray(name, { maxLength: 30 }).chain((names) => fc.tuple(fc.constant(names), fc.shuffledSubarray(names, { minLength: names.length }))), ([names, shuffled]) => {
        expect([...shuffled].sort(compare)).toEqual([...names].sort(compare))
      }),
      { ...SEED, numRuns: 300 },
    ))
})

describe('the order of tags', () => {
  it('goes by numbers, with latest as the newest', () => {
    const names = ['1.10', 'latest', '1.9', 'v1.11', '1.9-alpine', 'alpine', '2', '1.10.1', '20260101', 'bookworm']
    expect([...names].sort(compareTagNames)).toEqual(['alpine', 'bookworm', '1.9', '1.9-alpine', '1.10', '1.10.1', 'v1.11', '2', '20260101', 'latest'])
  })
  it('knows numbers longer than a number can be', () => {
    expect(naturalCompare('9'.repeat(30), `1${'0'.repeat(30)}`)).toBeLessThan(0)
  })
})

const tag = (named: string, digest?: string, updatedAt?: number): HubTag => ({ name: named, platforms: [], ...(digest && { digest }), ...(updatedAt && { updatedAt }) })

describe('rows', () => {
  const tags = [tag('1.27', 'a', 3), tag('latest', 'a', 3), tag('1.26', 'b', 2), tag('1.27.3', 'a', 3), tag('odd')]
  it('are one for each tag with the other names of its content', () => {
    expect(tagRows(tags).map((row) => [row.key, row.aliases])).toEqual([
      ['1.27', ['latest', '1.27.3']], ['latest', ['1.27.3', '1.27']], ['1.26', []], ['1.27.3', ['latest', '1.27']], ['odd', []],
    ])
  })
  it('are one for each content with all of its names, at the place of the first', () => {
    expect(groupedRows(tags).map((row) => row.tags.map((each) => each.name))).toEqual([['latest', '1.27.3', '1.27'], ['1.26'], ['odd']])
  })
  it('show every name of a content of which one matches', () => {
    expect(groupedRows(matchingTags(tags, ' LAT '), tags).map((row) => row.tags.map((each) => each.name))).toEqual([['latest', '1.27.3', '1.27']])
    expect(tagRows(matchingTags(tags, 'lat'), tags)[0]?.aliases).toEqual(['1.27.3', '1.27'])
  })
  it('are ordered by date with unknown ones last', () => {
    expect([...tagRows(tags)].sort(compareByDate).map((row) => row.key)).toEqual(['latest', '1.27.3', '1.27', '1.26', 'odd'])
  })
  const some = fc.array(fc.tuple(name, fc.option(fc.constantFrom('a', 'b', 'c', 'd'), { nil: undefined })), { maxLength: 40 })
    .map((pairs) => [...new Map(pairs.map(([n, digest]) => [n, tag(n, digest)])).values()])
  it('hold every tag exactly once when grouped, whatever the order, and keep the order of first places', () =>
    fc.assert(
      fc.property(some, (list) => {
        const rows = groupedRows(list)
        expect(rows.flatMap((row) => row.tags.map((each) => each.name)).sort()).toEqual(list.map((each) => each.name).sort())
        for (const row of rows) expect(new Set(row.tags.map((each) => each.digest)).size).toBe(1)
        const places = rows.map((row) => Math.min(...row.tags.map((each) => list.indexOf(each))))
        expect(places).toEqual([...places].sort((a, b) => a - b))
        expect(new Set(rows.map((row) => row.key)).size).toBe(rows.length)
      }),
      { ...SEED, numRuns: 300 },
    ))
  it('of a large repository are made within a frame’s time', () => {
    const large = largeRepository().map((each) => tag(each.name, each.digest, Date.parse(each.last_updated)))
    expect(large).toHaveLength(2_500)
    expect(new Set(large.map((each) => each.name)).size).toBe(2_500)
    expect(groupedRows(large).length).toBeLessThan(2_400)
    expect(groupedRows(large)[0]?.tags.map((each) => each.name)).toEqual(['latest', '3.42.11', '3.42', '3'])
  })
})
