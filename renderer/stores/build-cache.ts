/** The engine's build cache. Read only when somebody looks: it costs the engine a walk over its storage. */
import { defineStore } from 'pinia'
import { ref, shallowRef, watch } from 'vue'
import { isCancelled, toEnvelope } from '../../engine/contract/errors.ts'
import type { ErrorEnvelope } from '../../engine/contract/errors.ts'
import type { BuildCache } from '../../engine/contract/models.ts'
import { useConnection } from './connection.ts'
import { useEngines } from './engines.ts'

export const useBuildCache = defineStore('build-cache', () => {
  const connection = useConnection()
  const engines = useEngines()
  const cache = shallowRef<BuildCache | null>(null)
  const loading = ref(false)
  const error = shallowRef<ErrorEnvelope | null>(null)
  let asking = new AbortController()

  watch(
    () => engines.currentId,
    () => {
      asking.abort()
      loading.value = false
      cache.value = null
      error.value = null
    },
    // At once: a view that waits for the engine asks in the same turn, and its answer must stay.
    { flush: 'sync' },
  )

  async function load(): Promise<void> {
    const engineId = engines.currentId
    if (!engineId) return
    asking.abort()
    const mine = new AbortController()
    asking = mine
    loading.value = true
    error.value = null
    try {
      const answer = await connection.call('builds.cache', { engineId }, { signal: mine.signal })
      if (mine.signal.aborted) return
      cache.value = answer
    } catch (reason) {
      if (mine.signal.aborted) return
      if (!isCancelled(reason)) error.value = toEnvelope(reason)
    }
    loading.value = false
  }

  return { cache, loading, error, load }
})
