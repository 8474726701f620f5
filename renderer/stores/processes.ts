/** Processes of one container, asked again every few seconds while somebody looks. */
import { onScopeDispose, shallowRef, watch } from 'vue'
import type { ShallowRef } from 'vue'
import { isCancelled, toEnvelope } from '../../engine/contract/errors.ts'
import type { ErrorEnvelope } from '../../engine/contract/errors.ts'
import type { ContainerProcesses } from '../../engine/contract/models.ts'
import { useAttention } from './attention.ts'
import { useConnection } from './connection.ts'
import { useState } from './state.ts'

/** Milliseconds from an answer to the next question, and while nobody is at the window. */
const PACE_MS = 3_000
const RESTING_MS = 15_000

export interface Processes {
  /** Null until the first answer; kept while the next is fetched. */
  readonly processes: ShallowRef<ContainerProcesses | null>
  readonly error: ShallowRef<ErrorEnvelope | null>
  reload(): void
}

/**
 * Call it in `setup` of what shows them: it asks nothing once that is gone, and nothing while the window is hidden.
 * @param id null while there is nothing to ask (it does not run)
 */
export function useProcesses(id: () => string | null): Processes {
  const connection = useConnection()
  const state = useState()
  const attention = useAttention()
  const processes = shallowRef<ContainerProcesses | null>(null)
  const error = shallowRef<ErrorEnvelope | null>(null)
  let asking = new AbortController()
  let timer: ReturnType<typeof setTimeout> | undefined

  async function ask(): Promise<void> {
    clearTimeout(timer)
    asking.abort()
    const mine = new AbortController()
    asking = mine
    const engineId = state.engineId
    const wanted = id()
    if (!engineId || wanted === null || document.hidden) return
    try {
      const answer = await connection.call('containers.top', { engineId, id: wanted }, { signal: mine.signal })
      if (mine.signal.aborted) return
      processes.value = answer
      error.value = null
    } catch (reason) {
      if (mine.signal.aborted) return
      if (!isCancelled(reason)) error.value = toEnvelope(reason)
    }
    timer = setTimeout(() => void ask(), attention.resting ? RESTING_MS : PACE_MS)
  }

  watch(
    () => [state.engineId, id()] as const,
    () => {
      processes.value = null
      error.value = null
      void ask()
    },
    { immediate: true },
  )
  watch(
    () => attention.resting,
    (resting) => {
      if (!resting) void ask()
    },
  )
  const seen = (): void => void ask()
  document.addEventListener('visibilitychange', seen)
  onScopeDispose(() => {
    document.removeEventListener('visibilitychange', seen)
    clearTimeout(timer)
    asking.abort()
  })
  return { processes, error, reload: () => void ask() }
}
