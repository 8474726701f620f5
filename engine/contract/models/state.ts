import type { ContainerRow } from './containers.ts'
import type { ImageRow } from './images.ts'

export interface RowPatch<Row> {
  readonly upsert: readonly Row[]
  readonly remove: readonly string[]
}

/** `loading` = first list not there yet; `live` = events flow; `stale` = engine does not answer, rows are the last known. */
export type SyncState = 'loading' | 'live' | 'stale'

/** Item of `state.watch`. The first item after (re)subscription and after an engine switch has `reset: true`. */
export interface StatePatch {
  readonly engineId: string | null
  /** Grows by at least one with every patch of the same engine. */
  readonly revision: number
  readonly reset: boolean
  readonly sync: SyncState
  readonly containers: RowPatch<ContainerRow>
  readonly images: RowPatch<ImageRow>
}

export interface DiskUsage {
  readonly imagesBytes: number
  readonly containersBytes: number
  readonly volumesBytes: number
  readonly buildCacheBytes: number
  readonly reclaimableBytes: number
  /** Shared bytes per image id, when the engine tells. */
  readonly sharedByImage: Readonly<Record<string, number>>
  /** Writable-layer bytes per container id. */
  readonly writableByContainer: Readonly<Record<string, number>>
}
