/** Whether a registry has an image that is not on this machine: asked when the person has stopped typing, never in the way. */
import { onScopeDispose, shallowRef, watch } from 'vue'
import type { ShallowRef } from 'vue'
import type { RegistryLook } from '../../engine/contract/models.ts'
import { useConnection } from './connection.ts'
import { useState } from './state.ts'

/** Milliseconds of typing pause before a registry is asked. */
const PAUSE_MS = 700

/**
 * Call it in `setup`.
 * @param reference what to look for; null = nothing
 * @returns null while nothing is known; `asking` while a registry is asked
 */
export function useRegistryLook(reference: () => string | null): ShallowRef<RegistryLook | 'asking' | null> {
  const connection = useConnection()
  const state = useState()
  const look = shallowRef<RegistryLook | 'asking' | null>(null)
  let asking = new AbortController()
  let timer: ReturnType<typeof setTimeout> | undefined

  async function ask(engineId: string, wanted: string, signal: AbortSignal): Promise<void> {
    look.value = 'asking'
    try {
      const answer = await connection.call('images.look-up', { engineId, reference: wanted }, { signal })
      if (!signal.aborted) look.value = answer
    } catch {
      // Not knowing is no problem of the form: a pull will tell.
      if (!signal.aborted) look.value = null
    }
  }

  watch(
    () => [state.engineId, reference()] as const,
    ([engineId, wanted]) => {
      asking.abort()
      clearTimeout(timer)
      look.value = null
      if (!engineId || wanted === null) return
      const mine = (asking = new AbortController())
      timer = setTimeout(() => void ask(engineId, wanted, mine.signal), PAUSE_MS)
    },
    { immediate: true },
  )
  onScopeDispose(() => {
    asking.abort()
    clearTimeout(timer)
  })
  return look
}
