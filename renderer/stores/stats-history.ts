/**
 * What the Stats tab draws: the figures of single containers over the last quarter of an hour, bounded in points and in
 * containers. They are taken only while a tab that shows them is open in a visible window; where nothing was taken,
 * there is a gap.
 */
import { defineStore } from 'pinia'
import { onScopeDispose, ref, shallowRef, triggerRef, watch } from 'vue'
import type { Ref, ShallowRef } from 'vue'
import type { ErrorEnvelope } from '../../engine/contract/errors.ts'
import type { ContainerRow, ContainerStats } from '../../engine/contract/models.ts'
import { useConnection } from './connection.ts'
import { useState } from './state.ts'
import { hasFigures } from './stats.ts'

/** How far back figures are kept, ms; points of one container (a second apart, and gaps); containers. */
export const HISTORY_MS = 15 * 60_000
const MOST_POINTS = 1_000
const MOST_CONTAINERS = 12
/** Nothing was taken in between when two figures are further apart than this, ms. */
const GAP_MS = 6_000

export const STAT_LINES = ['cpu', 'memory', 'netIn', 'netOut', 'diskIn', 'diskOut', 'pids'] as const
export type StatLine = (typeof STAT_LINES)[number]

/** Columns of equal length, oldest first; null where a figure is not known. */
export type StatHistory = { readonly at: number[] } & { readonly [Line in StatLine]: (number | null)[] } & {
  /** The newest sample, whole. */
  latest: ContainerStats | null
}

const VALUES: { readonly [Line in StatLine]: (stats: ContainerStats) => number | null } = {
  cpu: (stats) => stats.cpuPercent,
  memory: (stats) => stats.memoryBytes,
  netIn: (stats) => stats.network?.inPerSecond ?? null,
  netOut: (stats) => stats.network?.outPerSecond ?? null,
  diskIn: (stats) => stats.disk?.inPerSecond ?? null,
  diskOut: (stats) => stats.disk?.outPerSecond ?? null,
  pids: (stats) => stats.pids,
}

export const emptyHistory = (): StatHistory => ({ at: [], cpu: [], memory: [], netIn: [], netOut: [], diskIn: [], diskOut: [], pids: [], latest: null })

/** Adds a sample, a gap before it where one is due, and drops what is too old. False for one that is there already. */
export function addSample(history: StatHistory, stats: ContainerStats): boolean {
  const last = history.at.at(-1)
  if (last !== undefined && stats.at <= last) return false
  if (last !== undefined && stats.at - last > GAP_MS) addGap(history)
  history.at.push(stats.at)
  for (const line of STAT_LINES) history[line].push(VALUES[line](stats))
  history.latest = stats
  const old = history.at.findIndex((at) => at >= stats.at - HISTORY_MS)
  const drop = Math.max(old, history.at.length - MOST_POINTS)
  if (drop > 0) for (const column of [history.at, ...STAT_LINES.map((line) => history[line])]) column.splice(0, drop)
  return true
}

/** A moment without figures: no line is drawn across it. */
export function addGap(history: StatHistory): void {
  const last = history.at.at(-1)
  if (last === undefined || STAT_LINES.every((line) => history[line].at(-1) === null)) return
  history.at.push(last + 1)
  for (const line of STAT_LINES) history[line].push(null)
}

const useHistories = defineStore('stats-history', () => {
  const histories = new Map<string, StatHistory>()
  return {
    /** The one used last is forgotten last. */
    of(id: string): StatHistory {
      const history = histories.get(id) ?? emptyHistory()
      histories.delete(id)
      histories.set(id, history)
      for (const oldest of histories.keys()) {
        if (histories.size <= MOST_CONTAINERS) break
        histories.delete(oldest)
      }
      return history
    },
  }
})

export interface LiveStats {
  /** Triggered with every sample. */
  readonly history: ShallowRef<StatHistory>
  /** Figures are coming. */
  readonly measuring: Ref<boolean>
  /** `unsupported` when the engine cannot know any; else why there are none at the moment. */
  readonly error: ShallowRef<ErrorEnvelope | null>
}

/** Call it in `setup` of what shows them: nothing is asked once that is gone, nor while the window is hidden. */
export function useLiveStats(row: () => ContainerRow): LiveStats {
  const connection = useConnection()
  const state = useState()
  const histories = useHistories()
  const history = shallowRef(histories.of(row().id))
  const measuring = ref(false)
  const error = shallowRef<ErrorEnvelope | null>(null)
  const hidden = ref(document.hidden)
  let stop: () => void = () => undefined

  function begin(engineId: string, id: string): void {
    stop = connection.subscribe('stats.watch', { engineId, ids: [id], pace: 'live' }, {
      item(stats) {
        measuring.value = true
        error.value = null
        if (addSample(history.value, stats)) triggerRef(history)
      },
      broken(reason) {
        measuring.value = false
        error.value = reason
        addGap(history.value)
        if (reason.code === 'unsupported') stop()
      },
    })
  }

  function end(): void {
    stop()
    stop = () => undefined
    measuring.value = false
    error.value = null
  }

  const wanted = (): string => (state.engineId !== null && !hidden.value && !state.stale && hasFigures(row()) ? `${state.engineId} ${row().id}` : '')
  watch(
    wanted,
    (now, before) => {
      end()
      if (before) addGap(history.value)
      history.value = histories.of(row().id)
      if (now !== '' && state.engineId !== null) begin(state.engineId, row().id)
    },
    { immediate: true },
  )
  const look = (): void => void (hidden.value = document.hidden)
  document.addEventListener('visibilitychange', look)
  onScopeDispose(() => {
    document.removeEventListener('visibilitychange', look)
    end()
  })
  return { history, measuring, error }
}
