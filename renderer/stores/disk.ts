/** What the engine holds on disk. Measured only when someone asks: it costs the engine a walk over its storage. */
import { defineStore } from 'pinia'
import { computed, ref, shallowRef, watch } from 'vue'
import type { ErrorEnvelope } from '../../engine/contract/errors.ts'
import { isCancelled, toEnvelope } from '../../engine/contract/errors.ts'
import type { DiskUsage } from '../../engine/contract/models.ts'
import { useConnection } from './connection.ts'
import { useEngines } from './engines.ts'

export interface DiskPart {
  /** Key below `disk.` in the catalogues. */
  readonly key: 'images' | 'containers' | 'volumes' | 'cache'
  readonly bytes: number
}

export const useDisk = defineStore('disk', () => {
  const connection = useConnection()
  const engines = useEngines()
  const usage = shallowRef<DiskUsage | null>(null)
  const measuredAt = ref(0)
  const loading = ref(false)
  const error = shallowRef<ErrorEnvelope | null>(null)
  let asking: AbortController | null = null

  watch(
    () => engines.currentId,
    () => {
      asking?.abort()
      usage.value = null
      error.value = null
    },
  )

  async function measure(): Promise<void> {
    const engineId = engines.currentId
    if (!engineId || loading.value) return
    const mine = new AbortController()
    asking = mine
    loading.value = true
    error.value = null
    try {
      const answer = await connection.call('system.disk', { engineId }, { signal: mine.signal })
      if (mine.signal.aborted) return
      usage.value = answer
      measuredAt.value = Date.now()
    } catch (reason) {
      if (!isCancelled(reason)) error.value = toEnvelope(reason)
    } finally {
      loading.value = false
    }
  }

  const parts = computed<readonly DiskPart[]>(() => {
    const now = usage.value
    if (!now) return []
    return [
      { key: 'images', bytes: now.imagesBytes },
      { key: 'containers', bytes: now.containersBytes },
      { key: 'volumes', bytes: now.volumesBytes },
      { key: 'cache', bytes: now.buildCacheBytes },
    ]
  })
  const totalBytes = computed(() => parts.value.reduce((sum, part) => sum + part.bytes, 0))

  return { usage, parts, totalBytes, measuredAt, loading, error, measure }
})
