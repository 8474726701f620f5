import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ImageLayer } from '../../../../engine/contract/models.ts'
import { partStacks, sharedLayers } from '../../../../renderer/screens/Images/part-stacks.ts'
import type { Side } from '../../../../renderer/screens/Images/part-stacks.ts'

const file = (diffId: string): ImageLayer => ({ instruction: `COPY ${diffId} /`, sizeBytes: diffId.codePointAt(0) ?? 1, createdAt: 0, diffId })
const setting = (instruction: string): ImageLayer => ({ instruction, sizeBytes: 0, createdAt: 0, diffId: '' })
const anyLayer = fc.oneof(fc.constantFrom('a', 'b', 'c').map(file), fc.constantFrom('ENV A', 'CMD b').map(setting))
const anyStack = fc.array(anyLayer, { maxLength: 12 })
/** Two stacks on a base they share, as builds make them. */
const anyPair = fc.tuple(fc.array(anyLayer, { maxLength: 5 }), anyStack, anyStack).map(([base, one, two]) => [[...base, ...one], [...base, ...two]] as const)
const words = (layers: readonly ImageLayer[]): string[] => layers.map(({ instruction }) => instruction)

describe('partStacks', () => {
  it('draws the common base once, with the settings of both in their places', () => {
    const parted = partStacks(
      [file('a'), setting('ENV A'), file('b'), setting('CMD x'), file('c')],
      [file('a'), setting('ENV A'), setting('LABEL l'), file('b'), setting('CMD x'), setting('USER u'), file('d')],
    )
    expect(parted.common.map(({ layer, only }) => [layer.instruction, only])).toEqual([
      ['COPY a /', undefined], ['ENV A', undefined], ['LABEL l', 'second'], ['COPY b /', undefined], ['CMD x', undefined],
    ])
    expect([words(parted.first), words(parted.second)]).toEqual([['COPY c /'], ['USER u', 'COPY d /']])
    expect(parted).toMatchObject({ sharedLayers: 2, sharedBytes: 97 + 98, firstBytes: 99, secondBytes: 100 })
  })

  it('knows nothing common, one on the other, and twins', () => {
    expect(partStacks([file('a')], [file('b')])).toMatchObject({ common: [], sharedLayers: 0 })
    expect(partStacks([file('a')], [file('a'), file('b')])).toMatchObject({ first: [], sharedLayers: 1, secondBytes: 98 })
    expect(partStacks([file('a'), setting('CMD')], [file('a'), setting('CMD')])).toMatchObject({ first: [], second: [], sharedLayers: 1 })
    expect(partStacks([], [])).toEqual({ common: [], first: [], second: [], sharedLayers: 0, sharedBytes: 0, firstBytes: 0, secondBytes: 0 })
  })

  it('the same layer on another one below is not common', () => {
    expect(sharedLayers([file('a'), file('c')], [file('b'), file('c')])).toBe(0)
  })

  it('loses nothing, keeps the order, and parts at the first layer that differs (property)', () => {
    fc.assert(
      fc.property(anyPair, ([one, two]) => {
        const parted = partStacks(one, two)
        const whole = (side: Side, rest: readonly ImageLayer[]): string[] =>
          words([...parted.common.filter(({ only }) => only === undefined || only === side).map(({ layer }) => layer), ...rest])
        expect(whole('first', parted.first)).toEqual(words(one))
        expect(whole('second', parted.second)).toEqual(words(two))
        expect(parted.common.filter(({ layer }) => layer.diffId !== '')).toHaveLength(parted.sharedLayers)
        const [nextOne, nextTwo] = [parted.first, parted.second].map((rest) => rest.find(({ diffId }) => diffId !== '')?.diffId)
        if (nextOne !== undefined && nextTwo !== undefined) expect(nextOne).not.toBe(nextTwo)
        // Nothing could move into the base: the rests do not begin with the same setting.
        const [left, right] = [parted.first[0], parted.second[0]]
        if (left && right && left.diffId === '' && right.diffId === '') expect(left.instruction).not.toBe(right.instruction)
        // Seen from the other side it is the same.
        const back = partStacks(two, one)
        expect([back.sharedLayers, back.firstBytes, back.secondBytes]).toEqual([parted.sharedLayers, parted.secondBytes, parted.firstBytes])
        expect(parted.sharedBytes + parted.firstBytes).toBe(one.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0))
      }),
      { seed: 20261126, numRuns: 500 },
    )
  })
})
