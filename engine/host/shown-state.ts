/** The rows as readers have them: patches in, the whole state out. Pure but for its own memory. */
import type { ContainerRow, ImageRow, RowPatch, StatePatch, SyncState } from '../contract/models.ts'

export interface ShownState {
  readonly engineId: () => string | null
  readonly sync: () => SyncState
  readonly containers: () => ReadonlyMap<string, ContainerRow>
  readonly images: () => ReadonlyMap<string, ImageRow>
  /** Takes a patch in and gives it back with the number it must carry on the way to readers. */
  readonly apply: (patch: StatePatch) => StatePatch
  /** Everything, as one patch with `reset`. */
  readonly whole: () => StatePatch
}

const NO_ROWS: RowPatch<never> = { upsert: [], remove: [] }

/** A patch that changes no row. */
export function barePatch(engineId: string | null, sync: SyncState, reset: boolean): StatePatch {
  return { engineId, revision: 0, reset, sync, containers: NO_ROWS, images: NO_ROWS }
}

export function createShownState(engineId: string | null): ShownState {
  const containers = new Map<string, ContainerRow>()
  const images = new Map<string, ImageRow>()
  let last = barePatch(engineId, 'loading', true)

  return {
    engineId: () => last.engineId,
    sync: () => last.sync,
    containers: () => containers,
    images: () => images,
    apply(patch) {
      if (patch.reset) {
        containers.clear()
        images.clear()
      }
      applyRows(containers, patch.containers)
      applyRows(images, patch.images)
      // Mirrors come and go and each counts from 0: readers see one sequence.
      last = { ...patch, revision: last.revision + 1 }
      return last
    },
    whole: () => ({
      ...last,
      reset: true,
      containers: { upsert: [...containers.values()], remove: [] },
      images: { upsert: [...images.values()], remove: [] },
    }),
  }
}

function applyRows<Row extends { readonly id: string }>(rows: Map<string, Row>, patch: RowPatch<Row>): void {
  for (const id of patch.remove) rows.delete(id)
  for (const row of patch.upsert) rows.set(row.id, row)
}
