/** A live collection of rows by id: one ref per row, ids in one list, changes applied together. */
import { computed, shallowRef } from 'vue'
import type { ComputedRef, ShallowRef } from 'vue'
import type { RowPatch } from '../../engine/contract/models.ts'

export interface LiveRows<Row> {
  /** Ref of one row; reading it follows only that row. */
  get(id: string): Row | undefined
  readonly ids: ComputedRef<readonly string[]>
  /** All rows; follows every row. An unchanged row keeps its identity. */
  readonly list: ComputedRef<readonly Row[]>
  readonly size: ComputedRef<number>
  apply(patch: RowPatch<Row>): void
  clear(): void
}

export function liveRows<Row>(idOf: (row: Row) => string): LiveRows<Row> {
  const refs = new Map<string, ShallowRef<Row>>()
  /** The same rows without reactivity: to follow thousands of refs costs more than to make the list. */
  const rows = new Map<string, Row>()
  const version = shallowRef(0)
  const ids = shallowRef<readonly string[]>([])

  function apply(patch: RowPatch<Row>): void {
    let changed = false
    for (const id of patch.remove) {
      rows.delete(id)
      changed = refs.delete(id) || changed
    }
    for (const row of patch.upsert) {
      const known = refs.get(idOf(row))
      rows.set(idOf(row), row)
      if (known) known.value = row
      else {
        refs.set(idOf(row), shallowRef(row))
        changed = true
      }
    }
    if (changed) ids.value = [...refs.keys()]
    if (changed || patch.upsert.length > 0) version.value += 1
  }

  return {
    get: (id) => (ids.value, refs.get(id)?.value),
    ids: computed(() => ids.value),
    list: computed(() => (version.value, [...rows.values()])),
    size: computed(() => ids.value.length),
    apply,
    clear() {
      refs.clear()
      rows.clear()
      ids.value = []
      version.value += 1
    },
  }
}

/** Merges what arrives within one animation frame; a hidden page (no frames) is served every 250 ms. */
export function perFrame(apply: () => void): () => void {
  let due = false
  return () => {
    if (due) return
    due = true
    const run = (): void => {
      if (!due) return
      due = false
      apply()
    }
    if (document.visibilityState === 'visible') requestAnimationFrame(run)
    setTimeout(run, 250)
  }
}
