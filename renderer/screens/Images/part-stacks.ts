/** Where the stacks of two images part. Pure. */
import type { ImageLayer } from '../../../engine/contract/models.ts'

export type Side = 'first' | 'second'

export interface CommonRow {
  readonly layer: ImageLayer
  /** Set for a setting between shared layers that only one of the images has. */
  readonly only?: Side
}

export interface PartedStacks {
  /** Base first; what both have, stored once. */
  readonly common: readonly CommonRow[]
  /** Base first; what each has above the point where they part. */
  readonly first: readonly ImageLayer[]
  readonly second: readonly ImageLayer[]
  /** How many layers with files are common. */
  readonly sharedLayers: number
  readonly sharedBytes: number
  readonly firstBytes: number
  readonly secondBytes: number
}

const bytesOf = (layers: readonly ImageLayer[]): number => layers.reduce((sum, layer) => sum + layer.sizeBytes, 0)
const hasFiles = (layer: ImageLayer): boolean => layer.diffId !== ''

/** Layers with files both stacks begin with: the engine keeps these once. */
export function sharedLayers(first: readonly ImageLayer[], second: readonly ImageLayer[]): number {
  const [mine, theirs] = [first.filter(hasFiles), second.filter(hasFiles)]
  const end = mine.findIndex((layer, index) => layer.diffId !== theirs[index]?.diffId)
  return end < 0 ? mine.length : end
}

/** @param first base first, settings in their places; `second` likewise */
export function partStacks(first: readonly ImageLayer[], second: readonly ImageLayer[]): PartedStacks {
  const shared = sharedLayers(first, second)
  const common: CommonRow[] = []
  let [mine, theirs] = [0, 0]
  for (let layer = 0; layer < shared; layer += 1) {
    const mineTo = nextWithFiles(first, mine)
    const theirsTo = nextWithFiles(second, theirs)
    common.push(...settings(first.slice(mine, mineTo), second.slice(theirs, theirsTo)))
    const both = first[mineTo]
    if (both) common.push({ layer: both })
    mine = mineTo + 1
    theirs = theirsTo + 1
  }
  // Settings above the last shared layer belong to the base as long as they are the same.
  for (let left = first[mine], right = second[theirs]; left && right && sameSetting(left, right); left = first[mine], right = second[theirs]) {
    common.push({ layer: left })
    mine += 1
    theirs += 1
  }
  const [own, other] = [first.slice(mine), second.slice(theirs)]
  return {
    common,
    first: own,
    second: other,
    sharedLayers: shared,
    sharedBytes: bytesOf(common.map(({ layer }) => layer)),
    firstBytes: bytesOf(own),
    secondBytes: bytesOf(other),
  }
}

function nextWithFiles(layers: readonly ImageLayer[], from: number): number {
  const found = layers.findIndex((layer, index) => index >= from && hasFiles(layer))
  return found < 0 ? layers.length : found
}

const sameSetting = (left: ImageLayer, right: ImageLayer): boolean => !hasFiles(left) && !hasFiles(right) && left.instruction === right.instruction

/** Settings of both between two shared layers: those that are the same once, the others with the side that has them. */
function settings(first: readonly ImageLayer[], second: readonly ImageLayer[]): CommonRow[] {
  const differs = first.findIndex((layer, index) => !second[index] || !sameSetting(layer, second[index]))
  const same = differs < 0 ? first.length : differs
  return [
    ...first.slice(0, same).map((layer) => ({ layer })),
    ...first.slice(same).map((layer) => ({ layer, only: 'first' as const })),
    ...second.slice(same).map((layer) => ({ layer, only: 'second' as const })),
  ]
}
