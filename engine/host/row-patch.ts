/** Merging of row patches, so that a slow reader gets one patch with the newest rows. Pure. */
import type { RowPatch } from '../contract/models.ts'

/** The one patch that does what `older` and then `newer` do. */
export function mergeRowPatches<Row extends { readonly id: string }>(
  older: RowPatch<Row>,
  newer: RowPatch<Row>,
): RowPatch<Row> {
  const upsert = new Map(older.upsert.map((row) => [row.id, row]))
  const remove = new Set(older.remove)
  for (const id of newer.remove) {
    upsert.delete(id)
    remove.add(id)
  }
  for (const row of newer.upsert) {
    upsert.set(row.id, row)
    remove.delete(row.id)
  }
  return { upsert: [...upsert.values()], remove: [...remove] }
}
