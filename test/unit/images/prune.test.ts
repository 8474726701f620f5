import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { RawBuildCache } from '../../../engine/docker/housekeeping.ts'
import { planCache } from '../../../engine/images/prune-cache.ts'
import { forecastOf, ticksOf } from '../../../engine/images/prune-forecast.ts'
import { extraReferences, isSingleReference, planImages } from '../../../engine/images/prune-images.ts'
import type { PruneImage } from '../../../engine/images/prune-images.ts'

const image = (id: string, more: Partial<PruneImage> = {}): PruneImage => ({ id, tags: [], digests: [], createdAt: 0, sizeBytes: 10, layers: [], ...more })
const layer = (chainId: string, bytes: number, cached = false) => ({ chainId, bytes, cached })
const everything = (ids: readonly string[]): ReadonlySet<string> => new Set(ids)

/** Worlds of a few images over a few layers, some tagged, some used, some both. */
const worlds = fc
  .array(
    fc.record({
      tags: fc.uniqueArray(fc.constantFrom('a:1', 'a:2', 'b:1', 'r.test/c:1', 'r.test/c:2'), { maxLength: 3 }),
      digest: fc.boolean(),
      users: fc.integer({ min: 0, max: 2 }),
      layers: fc.uniqueArray(fc.integer({ min: 0, max: 9 }), { maxLength: 5 }),
    }),
    { maxLength: 8 },
  )
  .map((rows) => {
    const images = rows.map((row, at) =>
      image(`i${at}`, {
        tags: row.tags.map((tag) => tag.replace(':', `${at}:`)),
        digests: row.digest ? [`a${at}@sha256:${'0'.repeat(64)}`] : [],
        layers: row.layers.map((number) => layer(`l${number}`, (number + 1) * 100, number === 9)),
      }),
    )
    const holders = new Map<string, readonly string[]>(rows.flatMap((row, at) => (row.users > 0 ? [[`i${at}`, Array.from({ length: row.users }, (_, n) => `c${at}-${n}`)] as const] : [])))
    return { images, holders }
  })

describe('what a prune of images removes', () => {
  it('never an image in use, and without `all` never one with a tag', () => {
    fc.assert(
      fc.property(worlds, fc.boolean(), (facts, all) => {
        const plan = planImages(facts, all)
        for (const item of plan.items) {
          const found = facts.images.find(({ id }) => id === item.id)
          if (item.reason === 'extra-tags') {
            expect(all && facts.holders.has(item.id)).toBe(true)
            // At least one name stays.
            expect(item.references.length).toBeLessThan((found?.tags.length ?? 0) + (found?.digests.length ?? 0))
          } else {
            expect(facts.holders.has(item.id)).toBe(false)
            if (!all) expect(found?.tags).toEqual([])
          }
        }
        const deleted = plan.items.filter(({ reason }) => reason !== 'extra-tags').map(({ id }) => id)
        const expected = facts.images.filter(({ id, tags }) => !facts.holders.has(id) && (all || tags.length === 0)).map(({ id }) => id)
        expect([...deleted].sort()).toEqual([...expected].sort())
      }),
      { seed: 7 },
    )
  })

  it('frees the layers nobody else holds, each once, whatever is ticked', () => {
    fc.assert(
      fc.property(worlds, fc.boolean(), fc.integer({ min: 0, max: 255 }), (facts, all, mask) => {
        const plan = planImages(facts, all)
        const ticked = new Set(plan.items.filter((_, at) => (mask >> at) & 1).filter(({ reason }) => reason !== 'extra-tags').map(({ id }) => id))
        const stay = new Set(facts.images.filter(({ id }) => !ticked.has(id)).flatMap(({ layers }) => layers.map(({ chainId }) => chainId)))
        const freed = new Map(facts.images.filter(({ id }) => ticked.has(id)).flatMap(({ layers }) => layers).filter(({ chainId, cached }) => !cached && !stay.has(chainId)).map(({ chainId, bytes }) => [chainId, bytes]))
        expect(forecastOf(plan, ticked).bytes).toBe([...freed.values()].reduce((sum, bytes) => sum + bytes, 0))
      }),
      { seed: 8 },
    )
  })

  it('leaves the extra names of images in use unticked', () => {
    const plan = planImages({ images: [image('i', { tags: ['a:1', 'a:2'] })], holders: new Map([['i', ['c']]]) }, true)
    expect(plan.items).toMatchObject([{ id: 'i', reason: 'extra-tags', references: ['a:1'] }])
    expect(ticksOf(plan).size).toBe(0)
    expect(plan.kept).toEqual([{ id: 'i', name: 'a:1', holders: ['c'] }])
  })

  it('names of one image: a tag and the digest of its repository count as one', () => {
    const digest = `@sha256:${'1'.repeat(64)}`
    expect(isSingleReference(['a:1'])).toBe(true)
    expect(isSingleReference(['a:1', `a${digest}`])).toBe(true)
    expect(isSingleReference(['a:1', `b${digest}`])).toBe(false)
    expect(isSingleReference(['a:1', 'a:2'])).toBe(false)
    expect(extraReferences({ tags: ['b:1', 'a:1'], digests: [`a${digest}`] })).toEqual(['a:1', `a${digest}`])
    expect(extraReferences({ tags: ['a:1'], digests: [`a${digest}`] })).toEqual([])
  })
})

describe('what a prune of the build cache removes', () => {
  const record = (ID: string, more: Partial<RawBuildCache> = {}): RawBuildCache => ({ ID, Type: 'regular', InUse: false, Shared: false, Size: 10, ...more })

  it('not what is in use, and a parent only with all its children', () => {
    const records = [
      record('base'),
      record('kept-child', { Parents: ['base'], InUse: true }),
      { ...record('leaf', { Size: 50 }), ' Parents': ['free'] },
      record('free', { Size: 30 }),
      record('shared', { Shared: true }),
      record('old', { Parent: 'free' }),
      record('inner', { Type: 'internal' }),
    ]
    const plan = planCache(records, false)
    expect(plan.items.map(({ id }) => id)).toEqual(['leaf', 'free', 'old'])
    expect(plan.keptCount).toBe(4)
    expect(forecastOf(plan, everything(['leaf', 'free', 'old'])).bytes).toBe(90)
    // Unticking a child keeps what it stands on.
    expect(forecastOf(plan, everything(['free', 'leaf'])).items.map(({ id }) => id)).toEqual(['leaf'])
    expect(planCache(records, true).items.map(({ id }) => id).sort()).toEqual(['free', 'inner', 'leaf', 'old', 'shared'])
  })

  it('never a record in use, whatever stands on what', () => {
    const graph = fc.array(fc.record({ used: fc.boolean(), shared: fc.boolean(), parent: fc.integer({ min: 0, max: 20 }) }), { maxLength: 12 })
    fc.assert(
      fc.property(graph, fc.boolean(), (rows, all) => {
        const records = rows.map(({ used, shared, parent }, at) => record(`r${at}`, { InUse: used, Shared: shared, ...(parent < at && { Parents: [`r${parent}`] }) }))
        const going = new Set(planCache(records, all).items.map(({ id }) => id))
        for (const one of records) {
          if (one.InUse || (one.Shared && !all)) expect(going.has(one.ID)).toBe(false)
          for (const parent of one.Parents ?? []) if (!going.has(one.ID)) expect(going.has(parent)).toBe(false)
        }
      }),
      { seed: 9 },
    )
  })
})
