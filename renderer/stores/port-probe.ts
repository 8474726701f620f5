/** Which published ports answer: tried when a screen that shows it opens, when containers change, and on request. */
import { defineStore } from 'pinia'
import { onScopeDispose, ref, shallowRef, watch } from 'vue'
import { isCancelled, toEnvelope } from '../../engine/contract/errors.ts'
import type { ErrorEnvelope } from '../../engine/contract/errors.ts'
import type { PortMapping, PublishedPort } from '../../engine/contract/models.ts'
import { useConnection } from './connection.ts'
import { useState } from './state.ts'

/** Milliseconds a container gets to open its port after it started. */
const SETTLE_MS = 1_200

const keyOf = (containerId: string, { hostIp, hostPort, containerPort, protocol }: PortMapping): string =>
  `${containerId} ${hostIp ?? ''} ${hostPort ?? 0} ${containerPort} ${protocol}`

export const usePortProbe = defineStore('port-probe', () => {
  const connection = useConnection()
  const state = useState()
  const results = shallowRef<ReadonlyMap<string, PublishedPort>>(new Map())
  const probedAt = ref(0)
  const loading = ref(false)
  const error = shallowRef<ErrorEnvelope | null>(null)
  let asking = new AbortController()
  let viewers = 0
  let timer: ReturnType<typeof setTimeout> | undefined

  async function probe(): Promise<void> {
    asking.abort()
    const mine = new AbortController()
    asking = mine
    const engineId = state.engineId
    if (!engineId) return
    loading.value = true
    try {
      const { ports } = await connection.call('ports.probe', { engineId }, { signal: mine.signal })
      if (mine.signal.aborted) return
      results.value = new Map(ports.map((port) => [keyOf(port.containerId, port.mapping), port]))
      probedAt.value = Date.now()
      error.value = null
    } catch (reason) {
      if (mine.signal.aborted || isCancelled(reason)) return
      error.value = toEnvelope(reason)
    } finally {
      if (asking === mine) loading.value = false
    }
  }

  function later(ms: number): void {
    clearTimeout(timer)
    if (viewers > 0) timer = setTimeout(() => void probe(), ms)
  }

  /** What changes when a port may have come, gone or begun to answer. */
  const fingerprint = (): string =>
    state.containers.map((row) => (row.ports.length > 0 ? `${row.id}${row.state}${row.ports.length}` : '')).join('')
  watch([() => state.engineId, fingerprint], ([engineId], [before]) => {
    if (engineId !== before) results.value = new Map()
    later(engineId === before ? SETTLE_MS : 0)
  })

  /** Keeps the results fresh while the calling component is there. Call it in `setup`. */
  function keep(): void {
    viewers += 1
    later(0)
    onScopeDispose(() => {
      viewers -= 1
      if (viewers > 0) return
      clearTimeout(timer)
      asking.abort()
    })
  }

  return {
    probedAt,
    loading,
    error,
    keep,
    probe,
    /** Result for one mapping; undefined when it was not tried yet. */
    of: (containerId: string, mapping: PortMapping): PublishedPort | undefined => results.value.get(keyOf(containerId, mapping)),
  }
})
