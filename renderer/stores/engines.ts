/** Every engine Naru knows and the one all screens show. */
import { defineStore } from 'pinia'
import { computed, shallowRef } from 'vue'
import type { EngineLoss, EngineSummary, EnginesSnapshot } from '../../engine/contract/models.ts'
import { useConnection } from './connection.ts'

const NOTHING: EnginesSnapshot = { engines: [], currentId: null, detecting: true }

export const useEngines = defineStore('engines', () => {
  const connection = useConnection()
  const snapshot = shallowRef<EnginesSnapshot>(NOTHING)
  /** True once the engine room told us anything. */
  const known = shallowRef(false)

  const list = computed(() => snapshot.value.engines)
  const currentId = computed(() => snapshot.value.currentId)
  const current = computed<EngineSummary | null>(
    () => list.value.find((engine) => engine.id === currentId.value) ?? null,
  )
  /** What the current engine told of itself; taken for granted while nothing is known. */
  const canPause = computed(() => current.value?.capabilities?.pause !== false)
  /** Limits of memory, processors and processes hold; otherwise the engine takes them and does nothing. */
  const canLimit = computed(() => current.value?.capabilities?.limits !== false)
  /** The current engine answers requests. */
  const usable = computed(() => current.value?.status === 'ready' || current.value?.status === 'degraded')

  function start(): void {
    connection.subscribe('engines.watch', {}, {
      item(next) {
        snapshot.value = next
        known.value = true
      },
    })
  }

  const byId = (id: string): EngineSummary | undefined => list.value.find((engine) => engine.id === id)

  return {
    snapshot,
    known,
    list,
    currentId,
    current,
    usable,
    canPause,
    canLimit,
    detecting: computed(() => snapshot.value.detecting),
    byId,
    start,
    detect: async (): Promise<void> => {
      snapshot.value = await connection.call('engines.detect', {})
    },
    select: (engineId: string) => connection.call('engines.select', { engineId }),
    retry: (engineId: string) => connection.call('engines.retry', { engineId }),
    addSocket: (path: string) => connection.call('engines.add-socket', { path }),
    /** What a reset of an engine would take away. */
    loss: (engineId: string, signal: AbortSignal): Promise<EngineLoss> => connection.call('engines.loss', { engineId }, { signal }),
    forget: (engineId: string) => connection.call('engines.forget', { engineId }),
  }
})
