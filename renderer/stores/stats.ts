/**
 * Processor and memory figures of the containers somebody looks at, and of no others: a cell that shows them asks while
 * it is in sight. Seldom while nobody touches the window, and not at all while the page is hidden.
 */
import { defineStore } from 'pinia'
import { shallowRef, watch } from 'vue'
import type { ShallowRef } from 'vue'
import type { ContainerRow, ContainerStats, StatsPace } from '../../engine/contract/models.ts'
import { useConnection } from './connection.ts'
import { useAttention } from './attention.ts'
import { useEngines } from './engines.ts'
import { useState } from './state.ts'

/** Milliseconds the wishes of scrolling rows gather before the engine is asked anew. */
const GATHER_MS = 250
/** Most containers measured at once; more are not shown on any screen. */
const MOST = 200
/** Samples kept of each for its small line, and containers they are kept of. */
export const RECENT = 30
const KEPT = 400

/** The newest figures of a container and what it used before. */
export interface Seen {
  readonly now: ContainerStats
  /** Oldest first; null where it is not known. */
  readonly recent: readonly { readonly at: number; readonly cpu: number | null; readonly memory: number | null }[]
}

/** Only what has processes uses anything; a paused one still has its memory. */
export const hasFigures = (row: Pick<ContainerRow, 'state'> | undefined): boolean => row?.state === 'running' || row?.state === 'paused'

export const useStats = defineStore('stats', () => {
  const connection = useConnection()
  const engines = useEngines()
  const state = useState()
  const attention = useAttention()
  const wishes = new Map<string, number>()
  const figures = new Map<string, ShallowRef<Seen | null>>()
  let watched = ''
  let stop: (() => void) | null = null
  let timer: ReturnType<typeof setTimeout> | undefined
  /** False when the engine tells no figures. */
  const available = shallowRef(true)

  function figure(id: string): ShallowRef<Seen | null> {
    let known = figures.get(id)
    if (!known) figures.set(id, (known = shallowRef(null)))
    return known
  }

  /** Wants the figures of a container until the returned function is called. */
  function want(id: string): () => void {
    wishes.set(id, (wishes.get(id) ?? 0) + 1)
    later()
    let wanted = true
    return () => {
      if (!wanted) return
      wanted = false
      const left = (wishes.get(id) ?? 1) - 1
      if (left > 0) wishes.set(id, left)
      else wishes.delete(id)
      later()
    }
  }

  function later(): void {
    clearTimeout(timer)
    timer = setTimeout(renew, GATHER_MS)
  }

  function renew(): void {
    const engineId = engines.currentId
    const seen = document.visibilityState === 'visible' && available.value && engineId !== null
    const ids = seen ? [...wishes.keys()].filter((id) => hasFigures(state.container(id))).sort().slice(0, MOST) : []
    const pace = attention.resting ? 'resting' : 'normal'
    const next = ids.length === 0 || !engineId ? '' : JSON.stringify([engineId, ids, pace])
    if (next === watched) return
    watched = next
    stop?.()
    stop = next === '' || !engineId ? null : follow(engineId, ids, pace)
    forget()
  }

  /** What ended began anew has another past; of those out of sight some are kept, for when they scroll in again. */
  function forget(): void {
    for (const [id, known] of figures) {
      if (wishes.has(id)) continue
      if (!hasFigures(state.container(id))) known.value = null
      if (figures.size > KEPT) figures.delete(id)
    }
  }

  function follow(engineId: string, ids: readonly string[], pace: StatsPace): () => void {
    return connection.subscribe('stats.watch', { engineId, ids, pace }, {
      item(now) {
        const known = figure(now.id)
        // A new subscription begins with what was known already.
        if (known.value?.now.at === now.at) return
        const before = known.value?.recent.slice(1 - RECENT) ?? []
        known.value = { now, recent: [...before, { at: now.at, cpu: now.cpuPercent, memory: now.memoryBytes }] }
      },
      broken(error) {
        if (error.code !== 'unsupported') return
        available.value = false
        later()
      },
    })
  }

  document.addEventListener('visibilitychange', later)
  watch(() => attention.resting, later)
  watch(() => engines.currentId, () => {
    available.value = true
    figures.clear()
    later()
  })
  // Which of the wanted ones run changes without any cell coming or going.
  watch(() => state.running, later)

  /** Null while nothing is known, the container does not run or the engine does not answer. Follows that container only. */
  const seen = (id: string): Seen | null => (hasFigures(state.container(id)) && !state.stale ? figure(id).value : null)

  return { available, want, seen, of: (id: string): ContainerStats | null => seen(id)?.now ?? null }
})
