import type { AnalysedLayer, LayerAnalysis } from '../contract/models.ts'
import { instructionText } from '../images/inspect.ts'
import type { AnalysedTree } from './analyse.ts'

/** An analysis as it is kept. */
export interface KeptAnalysis {
  readonly tree: AnalysedTree
  readonly imageId: string
  /** How long the export took to read. */
  readonly milliseconds: number
}

/** What the contract tells of an analysis. */
export function summaryOf({ tree, imageId, milliseconds }: KeptAnalysis): LayerAnalysis {
  const { layers, score, paths, archiveBytes } = tree
  return {
    imageId,
    layers: layers.map(({ digest, diffId, command, empty, blobBytes, sizeBytes, counts }, index): AnalysedLayer => {
      const [unmodified, added, changed, removed] = counts
      return { index, digest, diffId, command: instructionText(command), empty, blobBytes, sizeBytes, counts: { added, changed, removed, unmodified } }
    }),
    efficiency: score.efficiency,
    totalBytes: score.totalBytes,
    wastedBytes: score.wastedBytes,
    wasted: score.wasted.map(({ path, count, bytes }) => ({ path: paths.textOf(path), count, bytes })),
    wastedCount: score.wastedCount,
    exportBytes: archiveBytes,
    milliseconds,
  }
}
