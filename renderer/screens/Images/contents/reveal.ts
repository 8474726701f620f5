/** Where a path of the waste list is shown. */
import { isCancelled } from '../../../../engine/contract/errors.ts'
import type { LayerAnalysis, LayerEntry } from '../../../../engine/contract/models.ts'

/** Asks the layers from the newest down; null when none of them touches the path. */
export async function findTouching(
  analysis: Pick<LayerAnalysis, 'layers'>,
  path: string,
  stat: (layer: number) => Promise<LayerEntry>,
): Promise<{ readonly index: number; readonly entry: LayerEntry } | null> {
  for (const { index, empty } of [...analysis.layers].reverse()) {
    if (empty) continue
    try {
      return { index, entry: await stat(index) }
    } catch (reason) {
      if (isCancelled(reason)) return null
    }
  }
  return null
}
