/** Names of a view's containers. */
import { computed } from 'vue'
import type { ComputedRef } from 'vue'
import { useFormat } from '../../i18n/format.ts'
import { useState } from '../../stores/state.ts'

/** In the order of the ids; a container that is gone keeps its name. Call it in `setup`. */
export function useLogNames(ids: () => readonly string[]): ComputedRef<readonly string[]> {
  const state = useState()
  const format = useFormat()
  const known = new Map<string, string>()
  return computed(() =>
    ids().map((id) => {
      const name = state.container(id)?.name ?? known.get(id) ?? format.shortId(id)
      known.set(id, name)
      return name
    }),
  )
}
