/** Patches for readers: the whole state, two patches as one, one patch as several. Pure. */
import type { RowPatch, StatePatch } from '../contract/models.ts'
import type { Change, MirrorState } from './store.ts'

/** Rows in one patch at most, so that a patch stays far below the link's largest frame. */
export const ROWS_PER_PATCH = 2_000

/** Everything, for a reader that knows nothing yet. */
export function fullPatch(engineId: string, state: MirrorState): StatePatch {
  return {
    engineId,
    revision: state.revision,
    reset: true,
    sync: state.sync,
    containers: { upsert: [...state.containers.rows.values()], remove: [] },
    images: { upsert: [...state.images.rows.values()], remove: [] },
  }
}

/** A change, for a reader that had everything before it. */
export function changePatch(engineId: string, state: MirrorState, change: Change): StatePatch {
  return { engineId, revision: state.revision, reset: false, sync: state.sync, ...change }
}

/** One patch with the effect of `first` and then `second`: per row only the newest counts. */
export function mergePatches(first: StatePatch, second: StatePatch): StatePatch {
  if (second.reset) return second
  return {
    ...second,
    reset: first.reset,
    containers: mergeRows(first.containers, second.containers, first.reset),
    images: mergeRows(first.images, second.images, first.reset),
  }
}

function mergeRows<Row extends { readonly id: string }>(
  first: RowPatch<Row>,
  second: RowPatch<Row>,
  reset: boolean,
): RowPatch<Row> {
  const upsert = new Map(first.upsert.map((row) => [row.id, row]))
  const remove = new Set(first.remove)
  for (const id of second.remove) {
    upsert.delete(id)
    // After a reset the reader has no row to remove.
    if (!reset) remove.add(id)
  }
  for (const row of second.upsert) {
    upsert.set(row.id, row)
    remove.delete(row.id)
  }
  return { upsert: [...upsert.values()], remove: [...remove] }
}

/** The same patch in parts of at most `size` rows each; only the first may carry `reset`. */
export function* splitPatch(patch: StatePatch, size: number = ROWS_PER_PATCH): Generator<StatePatch, void, undefined> {
  const { containers, images } = patch
  const parts = Math.max(1, Math.ceil(Math.max(containers.upsert.length, images.upsert.length) / size))
  for (let i = 0; i < parts; i++) {
    const slice = <Row>(rows: RowPatch<Row>): RowPatch<Row> => ({
      upsert: rows.upsert.slice(i * size, (i + 1) * size),
      remove: i === 0 ? rows.remove : [],
    })
    yield { ...patch, reset: patch.reset && i === 0, containers: slice(containers), images: slice(images) }
  }
}
