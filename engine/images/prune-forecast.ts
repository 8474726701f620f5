/** What removing a choice of a prune's items frees. Pure: the page computes it while rows are ticked. */
import type { PruneItem, PrunePreview } from '../contract/models.ts'

export interface Forecast {
  /** Items that go; those whose children stay do not. */
  readonly items: readonly PruneItem[]
  readonly bytes: number
}

/** @param ticked ids of items a person wants gone */
export function forecastOf(preview: Pick<PrunePreview, 'items' | 'layers'>, ticked: ReadonlySet<string>): Forecast {
  const going = new Set(preview.items.filter(({ id }) => ticked.has(id)).map(({ id }) => id))
  // One that others stand on stays with them, and then what it stands on stays too.
  for (let before = -1; before !== going.size; ) {
    before = going.size
    for (const { id, needs } of preview.items) if (going.has(id) && !needs.every((child) => going.has(child))) going.delete(id)
  }
  const left = new Uint32Array(preview.layers.length)
  for (const { id, layers } of preview.items) if (!going.has(id)) for (const at of layers) left[at] = (left[at] ?? 0) + 1
  const held = new Set(preview.items.filter(({ id }) => going.has(id)).flatMap(({ layers }) => layers))
  let bytes = 0
  for (const at of held) {
    const layer = preview.layers[at]
    if (layer && !layer.kept && left[at] === 0) bytes += layer.bytes
  }
  return { items: preview.items.filter(({ id }) => going.has(id)), bytes }
}

/** Everything ticked that a prune removes without touching names of images in use. */
export function ticksOf(preview: Pick<PrunePreview, 'items'>): ReadonlySet<string> {
  return new Set(preview.items.filter(({ reason }) => reason !== 'extra-tags').map(({ id }) => id))
}
