/** Whether a list of the engine's objects is still to come. */
import { computed } from 'vue'
import type { ComputedRef } from 'vue'
import { useEngines } from '../../stores/engines.ts'
import { useState } from '../../stores/state.ts'

/** `loading` while an engine is looked for, starts, or has not sent its first list. Call it in `setup`. */
export function useListState(): ComputedRef<'loading' | 'ready'> {
  const engines = useEngines()
  const state = useState()
  return computed(() => {
    if (!state.loading) return 'ready'
    const coming = !engines.known || engines.usable || engines.current?.status === 'starting'
    return coming || (engines.current === null && engines.detecting) ? 'loading' : 'ready'
  })
}
