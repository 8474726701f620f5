/** Who listens on this machine and what cannot be started because of it; asked again every few seconds while it is shown. */
import { defineStore } from 'pinia'
import { computed, onScopeDispose, ref, shallowRef, watch } from 'vue'
import { isCancelled, toEnvelope } from '../../engine/contract/errors.ts'
import type { ErrorEnvelope } from '../../engine/contract/errors.ts'
import type { PlannedPort, PortSurvey } from '../../engine/contract/models.ts'
import { useAttention } from './attention.ts'
import { useConnection } from './connection.ts'
import { useState } from './state.ts'

/** Milliseconds from an answer to the next question, while nobody is at the window, and after a container changed. */
const PACE_MS = 3_000
const RESTING_MS = 15_000
const SETTLE_MS = 300

export const usePortSurvey = defineStore('port-survey', () => {
  const connection = useConnection()
  const state = useState()
  const attention = useAttention()
  const survey = shallowRef<PortSurvey | null>(null)
  const error = shallowRef<ErrorEnvelope | null>(null)
  const loading = ref(false)
  let told = ''
  let asking = new AbortController()
  let viewers = 0
  let timer: ReturnType<typeof setTimeout> | undefined

  async function ask(): Promise<void> {
    clearTimeout(timer)
    asking.abort()
    if (viewers === 0 || document.hidden) return
    const mine = new AbortController()
    asking = mine
    loading.value = true
    try {
      const answer = await connection.call('ports.survey', { engineId: state.engineId || null }, { signal: mine.signal })
      if (mine.signal.aborted) return
      keepUnlessNew(answer)
      error.value = null
    } catch (reason) {
      if (mine.signal.aborted) return
      if (!isCancelled(reason)) error.value = toEnvelope(reason)
    } finally {
      if (asking === mine) loading.value = false
    }
    later(attention.resting ? RESTING_MS : PACE_MS)
  }

  /** An answer that says the same changes nothing: no row is drawn again for it. */
  function keepUnlessNew(answer: PortSurvey): void {
    const text = JSON.stringify(answer)
    if (text === told) return
    told = text
    survey.value = answer
  }

  function later(ms: number): void {
    clearTimeout(timer)
    if (viewers > 0) timer = setTimeout(() => void ask(), ms)
  }

  const fingerprint = (): string => state.containers.map((row) => `${row.id}${row.state}${row.ports.length}`).join('')
  watch([() => state.engineId, fingerprint], ([engineId], [before]) => {
    if (engineId !== before) {
      survey.value = null
      told = ''
    }
    later(engineId === before ? SETTLE_MS : 0)
  })
  watch(
    () => attention.resting,
    (resting) => {
      if (!resting) later(0)
    },
  )
  const seen = (): void => void ask()

  /** Keeps it fresh while the calling component is there and the window is seen. Call it in `setup`. */
  function keep(): void {
    viewers += 1
    if (viewers === 1) document.addEventListener('visibilitychange', seen)
    later(0)
    onScopeDispose(() => {
      viewers -= 1
      if (viewers > 0) return
      document.removeEventListener('visibilitychange', seen)
      clearTimeout(timer)
      asking.abort()
    })
  }

  const planned = computed(() => {
    const byContainer = new Map<string, PlannedPort[]>()
    for (const port of survey.value?.planned ?? []) byContainer.set(port.containerId, [...(byContainer.get(port.containerId) ?? []), port])
    return byContainer
  })

  return {
    /** Null until the first answer. */
    survey,
    error,
    loading,
    keep,
    reload: ask,
    /** What a container that does not run would publish. */
    plannedOf: (containerId: string): readonly PlannedPort[] => planned.value.get(containerId) ?? [],
  }
})
