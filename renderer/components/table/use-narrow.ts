/** Columns a table leaves out while it has too little room for them. */
import { useResizeObserver } from '@vueuse/core'
import { computed, ref } from 'vue'
import type { ComputedRef, Ref } from 'vue'

/** A column and the width (pixels) the table needs to have to keep it. */
export type NeedsWidth = readonly (readonly [key: string, least: number])[]

/** Call it in `setup`; `root` is the table's box (template ref). Before it is measured nothing is left out. */
export function useNarrow(root: Ref<HTMLElement | null>, needs: () => NeedsWidth): ComputedRef<readonly string[]> {
  const width = ref(Number.POSITIVE_INFINITY)
  useResizeObserver(root, ([entry]) => {
    if (entry) width.value = entry.contentRect.width
  })
  return computed(() => needs().flatMap(([key, least]) => (width.value < least ? [key] : [])))
}
