import { computed, effectScope } from 'vue'
import type { ComputedRef } from 'vue'
import { useState } from '../../stores/state.ts'
import { createHaveIndex } from './have.ts'
import type { HaveIndex } from './have.ts'

let shared: { readonly state: ReturnType<typeof useState>; readonly index: ComputedRef<HaveIndex> } | null = null

/** What the engine has, indexed once for every card and tag. */
export function useHave(): ComputedRef<HaveIndex> {
  const state = useState()
  if (shared?.state !== state) {
    // Apart from any component: the first one that asks must not take the index with it when it goes.
    const index = effectScope(true).run(() => computed(() => createHaveIndex(state.images)))
    if (!index) throw new Error('the scope did not run')
    shared = { state, index }
  }
  return shared.index
}
