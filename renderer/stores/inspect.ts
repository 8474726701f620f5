/** Full details of one container or image, asked for while somebody looks and again when its row changes. */
import { onScopeDispose, ref, shallowRef, watch } from 'vue'
import type { Ref, ShallowRef } from 'vue'
import { isCancelled, toEnvelope } from '../../engine/contract/errors.ts'
import type { ErrorEnvelope } from '../../engine/contract/errors.ts'
import type { ContainerChanges, ContainerDetail, ImageDetail, StopReport } from '../../engine/contract/models.ts'
import { useConnection } from './connection.ts'
import { useOperations } from './operations.ts'
import { useState } from './state.ts'

export interface Inspected<Detail> {
  /** Null until the first answer; kept while a newer one is fetched. */
  readonly detail: ShallowRef<Detail | null>
  readonly error: ShallowRef<ErrorEnvelope | null>
  readonly loading: Ref<boolean>
  reload(): void
}

/** Milliseconds several changes of a row wait for each other. */
const GATHER_MS = 150

type Ask<Detail> = (engineId: string, id: string, signal: AbortSignal) => Promise<Detail>

/**
 * Call it in `setup`.
 * @param changes what of an id, when it changes, makes the answer old
 */
export function useInspected<Detail>(id: () => string | null, changes: (id: string) => unknown, ask: Ask<Detail>): Inspected<Detail> {
  const state = useState()
  const detail = shallowRef<Detail | null>(null)
  const error = shallowRef<ErrorEnvelope | null>(null)
  const loading = ref(false)
  let asking = new AbortController()
  let timer: ReturnType<typeof setTimeout> | undefined

  async function load(): Promise<void> {
    asking.abort()
    const mine = new AbortController()
    asking = mine
    const engineId = state.engineId
    const wanted = id()
    if (!engineId || !wanted) return
    loading.value = true
    try {
      const answer = await ask(engineId, wanted, mine.signal)
      if (mine.signal.aborted) return
      detail.value = answer
      error.value = null
    } catch (reason) {
      if (mine.signal.aborted || isCancelled(reason)) return
      error.value = toEnvelope(reason)
    } finally {
      if (asking === mine) loading.value = false
    }
  }

  watch(
    () => [state.engineId, id()] as const,
    () => {
      clearTimeout(timer)
      detail.value = null
      error.value = null
      void load()
    },
    { immediate: true },
  )
  watch(
    () => {
      const wanted = id()
      return wanted === null ? null : changes(wanted)
    },
    () => {
      clearTimeout(timer)
      timer = setTimeout(() => void load(), GATHER_MS)
    },
  )
  onScopeDispose(() => {
    clearTimeout(timer)
    asking.abort()
  })
  return { detail, error, loading, reload: () => void load() }
}

/** Call it in `setup`. */
export function useContainerDetail(id: () => string | null): Inspected<ContainerDetail> {
  const connection = useConnection()
  const state = useState()
  const operations = useOperations()
  const inspected = useInspected(id, (known) => state.container(known), (engineId, wanted, signal) =>
    connection.call('containers.inspect', { engineId, id: wanted }, { signal }),
  )
  // What is done to it may change what no row shows: limits, restart policy.
  whenDone(operations, id, inspected.reload)
  return inspected
}

/** Calls when an operation on it has ended, however. */
function whenDone(operations: ReturnType<typeof useOperations>, id: () => string | null, reload: () => void): void {
  const pending = (): string | undefined => operations.pendingOf(id() ?? '')?.id
  watch(pending, (now, before) => before !== undefined && now === undefined && reload())
}

/** Why it does not run; asked again when its state changes, and when something was done to it. Call it in `setup`. */
export function useWhyStopped(id: () => string | null): Inspected<StopReport> {
  const connection = useConnection()
  const state = useState()
  const operations = useOperations()
  const changes = (known: string): string => {
    const row = state.container(known)
    return row ? [row.state, row.health, row.exitCode, row.oomKilled, row.startedAt, row.finishedAt].join(' ') : ''
  }
  const inspected = useInspected(id, changes, (engineId, wanted, signal) => connection.call('containers.why-stopped', { engineId, id: wanted }, { signal }))
  // A start that was refused changes no row.
  whenDone(operations, id, inspected.reload)
  return inspected
}

/** Call it in `setup`. `id` may be a reference. */
export function useImageDetail(id: () => string | null): Inspected<ImageDetail> {
  const connection = useConnection()
  return useInspected(id, (known) => known, (engineId, wanted, signal) =>
    connection.call('images.inspect', { engineId, id: wanted }, { signal }),
  )
}

/** What the container changed; asked again when it starts or stops, and on `reload`. Call it in `setup`. */
export function useContainerChanges(id: () => string | null): Inspected<ContainerChanges> {
  const connection = useConnection()
  const state = useState()
  return useInspected(id, (known) => state.container(known)?.state, (engineId, wanted, signal) =>
    connection.call('containers.changes', { engineId, id: wanted }, { signal }),
  )
}
