/** Pulls (and pushes) of the current engine: running ones and those that ended lately, until a person puts them away. */
import { defineStore } from 'pinia'
import { computed, shallowRef } from 'vue'
import type { OperationRow } from '../../engine/contract/models.ts'
import { useEngines } from './engines.ts'
import { useOperations } from './operations.ts'
import { useUi } from './ui.ts'

/** Milliseconds an ended pull stays in sight. */
const RECENT_MS = 15 * 60_000

export const usePulls = defineStore('pulls', () => {
  const operations = useOperations()
  const engines = useEngines()
  const ui = useUi()
  const dismissed = shallowRef<ReadonlySet<string>>(new Set())

  /** Newest first; of several of one reference only the newest. */
  const newest = (name: 'images.pull' | 'images.push'): readonly OperationRow[] => {
    const seen = new Set<string>()
    return operations.list.filter((row) => {
      if (row.name !== name || row.engineId !== engines.currentId || seen.has(row.subject)) return false
      seen.add(row.subject)
      return row.status === 'running' || !dismissed.value.has(row.id)
    })
  }
  const list = computed(() => newest('images.pull'))
  const pushes = computed(() => newest('images.push'))
  const running = computed(() => list.value.filter((row) => row.status === 'running'))
  /** Running ones, and what ended within the last quarter of an hour. */
  const isRecent = (row: OperationRow): boolean => row.status === 'running' || Date.now() - (row.endedAt ?? 0) < RECENT_MS
  const recent = computed(() => list.value.filter(isRecent))
  const recentPushes = computed(() => pushes.value.filter(isRecent))

  const runningOf = (reference: string): OperationRow | undefined => running.value.find((row) => row.subject === reference)

  /** Starts a pull; one of the same reference that runs already is left to run. True when it runs. */
  async function pull(reference: string): Promise<boolean> {
    const engineId = engines.currentId
    if (!engineId) return false
    if (runningOf(reference)) return true
    try {
      await operations.begin('images.pull', { engineId, reference })
      return true
    } catch (reason) {
      ui.fail(reason)
      return false
    }
  }

  /** Starts a push; one of the same reference that runs already is left to run. True when it runs. */
  async function push(reference: string): Promise<boolean> {
    const engineId = engines.currentId
    if (!engineId) return false
    if (pushes.value.some((row) => row.status === 'running' && row.subject === reference)) return true
    try {
      await operations.begin('images.push', { engineId, reference })
      return true
    } catch (reason) {
      ui.fail(reason)
      return false
    }
  }

  async function cancel(id: string): Promise<void> {
    await operations.cancel(id).catch((reason: unknown) => ui.fail(reason))
  }

  /** What the last attempt fetched is not fetched again. */
  async function retry(id: string): Promise<void> {
    await operations.retry(id).catch((reason: unknown) => ui.fail(reason))
  }

  function dismiss(...ids: readonly string[]): void {
    dismissed.value = new Set([...dismissed.value, ...ids])
  }

  return {
    list,
    running,
    recent,
    pushes,
    recentPushes,
    push,
    runningOf,
    pull,
    cancel,
    retry,
    dismiss,
    dismissEnded: () => dismiss(...list.value.filter((row) => row.status !== 'running').map((row) => row.id)),
  }
})
