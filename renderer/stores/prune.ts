/** The preview of a prune and its execution; one at a time, while its dialog is open. */
import { defineStore } from 'pinia'
import { shallowRef, ref } from 'vue'
import { isCancelled, toEnvelope } from '../../engine/contract/errors.ts'
import type { ErrorEnvelope } from '../../engine/contract/errors.ts'
import type { PruneKind, PrunePreview, PruneResult } from '../../engine/contract/models.ts'
import { ticksOf } from '../../engine/images/prune-forecast.ts'
import { useConnection } from './connection.ts'
import { useOperations } from './operations.ts'
import { useState } from './state.ts'

export const usePrune = defineStore('prune', () => {
  const connection = useConnection()
  const operations = useOperations()
  const state = useState()
  const preview = shallowRef<PrunePreview | null>(null)
  const ticked = shallowRef<ReadonlySet<string>>(new Set())
  const result = shallowRef<PruneResult | null>(null)
  const error = shallowRef<ErrorEnvelope | null>(null)
  const loading = ref(false)
  const busy = ref(false)
  let asking = new AbortController()

  function reset(): void {
    asking.abort()
    preview.value = null
    result.value = null
    error.value = null
    loading.value = false
  }

  async function look(kind: PruneKind, all: boolean): Promise<void> {
    reset()
    const mine = new AbortController()
    asking = mine
    loading.value = true
    try {
      const answer = await connection.call('prune.preview', { engineId: state.engineId ?? '', kind, all }, { signal: mine.signal })
      if (mine.signal.aborted) return
      preview.value = answer
      ticked.value = ticksOf(answer)
    } catch (reason) {
      if (!mine.signal.aborted && !isCancelled(reason)) error.value = toEnvelope(reason)
    } finally {
      if (asking === mine) loading.value = false
    }
  }

  /** With every row ticked the engine prunes by itself; else the ticked ones go one by one. */
  async function run(): Promise<void> {
    const now = preview.value
    if (!now || busy.value) return
    const engineId = state.engineId ?? ''
    const chosen = now.items.filter(({ id }) => ticked.value.has(id))
    const whole = chosen.length === now.items.length
    busy.value = true
    error.value = null
    try {
      result.value =
        now.kind === 'images'
          ? await operations.run('images.prune', { engineId, all: now.all, ...(!whole && { only: chosen.map(({ id, references }) => ({ id, references })) }) })
          : await operations.run('builds.prune', { engineId, all: now.all, ...(!whole && { only: chosen.map(({ id }) => id) }) })
    } catch (reason) {
      if (!isCancelled(reason)) error.value = toEnvelope(reason)
    } finally {
      busy.value = false
    }
  }

  return { preview, ticked, result, error, loading, busy, look, run, reset }
})
