import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { NaruError } from '../../../engine/contract/errors.ts'
import { analyseArchive, analyseTree } from '../../../engine/layers/analyse.ts'
import { describeEntry } from '../../../engine/layers/list.ts'
import { makeView } from '../../../engine/layers/view.ts'
import type { ShownTree } from '../../../engine/layers/shown.ts'
import { FLAVOURS, hasZstd, imageArchive, zstd, zstdStored } from '../../support/image-archive.ts'
import { entriesOf, lay, parentOf, score } from '../../support/layer-model.ts'
import type { Mark, Op, State } from '../../support/layer-model.ts'

const SEED = { seed: 20_261_126 }
const name = fc.constantFrom('a', 'b', 'c')
const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'))
const mode = fc.constantFrom(0o644, 0o755)
const op: fc.Arbitrary<Op> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('file' as const), path, content: fc.constantFrom('', 'x', 'xy', 'yyyy'), mode }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('dir' as const), path, mode }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('symlink' as const), path, target: name }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('whiteout' as const), path }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('opaque' as const), path }) },
)
const layers = fc.array(fc.array(op, { maxLength: 12 }), { minLength: 1, maxLength: 6 })

async function* chunked(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1
    yield bytes.subarray(at, at + size)
    at += size
  }
}

const whole = (bytes: Uint8Array) => chunked(bytes, [bytes.length || 1])
const archiveOf = (ops: readonly (readonly Op[])[], flavour = FLAVOURS[0]) => imageArchive(ops.map((one) => ({ entries: entriesOf(one) })), { ...(flavour && { flavour }) })

/** Path, mark and size of all that a tree shows, without the root. */
function shownBy(tree: ShownTree): Map<string, [Mark, number]> {
  const found = new Map<string, [Mark, number]>()
  for (let id = 1; id < tree.count; id++) {
    if (!tree.isShown(id)) continue
    const entry = describeEntry(tree, id)
    found.set(entry.path, [entry.mark, entry.sizeBytes])
  }
  return found
}

/** The same from the model: what lies in a directory counts for it. */
function expected(before: State, after: State, marks: ReadonlyMap<string, Mark>, onlyTouched: boolean): Map<string, [Mark, number]> {
  const paths = new Set(onlyTouched ? marks.keys() : [...before.keys(), ...after.keys()])
  paths.delete('')
  for (const one of [...paths]) for (let up = parentOf(one); up !== ''; up = parentOf(up)) paths.add(up)
  const found = new Map<string, [Mark, number]>()
  const sizeOf = (node: { type: string; content: string } | undefined): number => (node?.type === 'file' ? node.content.length : 0)
  for (const one of paths) {
    const below = [...paths].filter((other) => other.startsWith(`${one}/`))
    const own = marks.get(one) ?? 'unmodified'
    const mark = own === 'unmodified' && below.some((other) => (marks.get(other) ?? 'unmodified') !== 'unmodified') ? 'changed' : own
    const state = own === 'removed' ? before : after
    found.set(one, [mark, [one, ...below].reduce((sum, other) => sum + sizeOf(state.get(other)), 0)])
  }
  return found
}

const sorted = <T>(map: ReadonlyMap<string, T>) => [...map].sort(([a], [b]) => (a < b ? -1 : 1))

describe('any layers', () => {
  it('give the tree, the marks and the counts of the plain model, stacked and alone', async () => {
    await fc.assert(
      fc.asyncProperty(layers, async (all) => {
        const { archive } = await archiveOf(all)
        const tree = await analyseTree(whole(archive))
        let before: State = new Map()
        for (const [index, ops] of all.entries()) {
          const { after, marks } = lay(before, ops)
          expect(sorted(shownBy(makeView(tree, 'stack', index)))).toEqual(sorted(expected(before, after, marks, false)))
          expect(sorted(shownBy(makeView(tree, 'layer', index)))).toEqual(sorted(expected(before, after, marks, true)))
          const [unmodified, added, changed, removed] = tree.layers[index]?.counts ?? []
          const count = (wanted: Mark) =>
            [...marks].filter(([one, mark]) => mark === wanted && (mark === 'removed' ? before : after).get(one)?.type !== 'directory').length
          expect({ unmodified, added, changed, removed }).toEqual({
            unmodified: count('unmodified'),
            added: count('added'),
            changed: count('changed'),
            removed: count('removed'),
          })
          before = after
        }
      }),
      { ...SEED, numRuns: 150 },
    )
  }, 60_000)

  it('give the score of the plain model', async () => {
    await fc.assert(
      fc.asyncProperty(layers, async (all) => {
        const { archive } = await archiveOf(all)
        const found = await analyseArchive(whole(archive))
        const { efficiency, total, wasted } = score(all)
        expect(found.efficiency).toBeCloseTo(efficiency, 12)
        expect(found.totalBytes).toBe(total)
        expect(found.wastedBytes).toBe([...wasted.values()].reduce((sum, { bytes }) => sum + bytes, 0))
        expect(sorted(new Map(found.wasted.map(({ path: one, count, bytes }) => [one, { count, bytes }])))).toEqual(sorted(wasted))
      }),
      { ...SEED, numRuns: 150 },
    )
  }, 60_000)

  it('are the same in every layout and however the bytes are cut', async () => {
    await fc.assert(
      fc.asyncProperty(layers, fc.constantFrom(...FLAVOURS), fc.array(fc.integer({ min: 1, max: 3_000 }), { minLength: 1, maxLength: 8 }), async (all, flavour, sizes) => {
        const plain = await analyseArchive(whole((await archiveOf(all)).archive))
        const { archive } = await archiveOf(all, flavour)
        const found = await analyseArchive(chunked(archive, sizes))
        const bare = ({ layers: list, ...rest }: typeof found) => ({ ...rest, layers: list.map(({ digest: _, ...layer }) => layer) })
        expect(bare(found)).toEqual(bare(plain))
      }),
      { ...SEED, numRuns: 100 },
    )
  }, 60_000)
})

describe('broken archives', () => {
  const LAYERS: readonly (readonly Op[])[] = [
    [{ kind: 'file', path: 'a/b', content: 'y'.repeat(5_000), mode: 0o644 }],
    [{ kind: 'whiteout', path: 'a/b' }, { kind: 'file', path: 'c', content: 'z'.repeat(700), mode: 0o644 }],
  ]
  const archives = async (): Promise<Buffer[]> => [
    ...(await Promise.all(FLAVOURS.map(async (flavour) => (await archiveOf(LAYERS, flavour)).archive))),
    (await imageArchive(LAYERS.map((one) => ({ entries: entriesOf(one) })), { flavour: 'oci', compress: hasZstd ? zstd : zstdStored })).archive,
  ]

  it('cut anywhere are an error with the place, never a tree', async () => {
    const all = await archives()
    await fc.assert(
      fc.asyncProperty(fc.nat(all.length - 1), fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), fc.integer({ min: 1, max: 5_000 }), async (which, share, size) => {
        const archive = all[which] ?? Buffer.alloc(0)
        const length = Math.floor(archive.length * share)
        const error = await analyseArchive(chunked(archive.subarray(0, length), [size])).catch((reason: unknown) => reason)
        expect(error).toBeInstanceOf(NaruError)
        expect(error).toMatchObject({ code: 'archive-broken' })
        expect((error as NaruError).params?.['position']).toBeLessThanOrEqual(length)
      }),
      { ...SEED, numRuns: 300 },
    )
  }, 60_000)

  it('with wrong bytes are an error or a tree, never a crash', async () => {
    const all = await archives()
    const change = fc.record({ share: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), byte: fc.nat(255) })
    await fc.assert(
      fc.asyncProperty(fc.nat(all.length - 1), fc.array(change, { minLength: 1, maxLength: 8 }), async (which, changes) => {
        const archive = Buffer.from(all[which] ?? [])
        for (const { share, byte } of changes) archive[Math.floor(archive.length * share)] = byte
        const result = await analyseArchive(chunked(archive, [999])).catch((reason: unknown) => reason)
        if (result instanceof Error) expect(['archive-broken', 'unsupported']).toContain((result as NaruError).code)
        else expect((result as { layers: unknown[] }).layers.length).toBeGreaterThanOrEqual(0)
      }),
      { ...SEED, numRuns: 400 },
    )
  }, 60_000)

  it('of random bytes too', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 5_000 }), async (bytes) => {
        await expect(analyseArchive(whole(bytes))).rejects.toMatchObject({ code: expect.stringMatching(/archive-broken|unsupported/) as string })
      }),
      { ...SEED, numRuns: 200 },
    )
  })
})
