/** How images lie in each other and what stands on them: asked for while somebody looks, and again when it changed. */
import { useEventListener } from '@vueuse/core'
import { defineStore } from 'pinia'
import { onScopeDispose, ref, shallowRef, watch } from 'vue'
import type { ShallowRef } from 'vue'
import { isCancelled, toEnvelope } from '../../engine/contract/errors.ts'
import type { ErrorEnvelope } from '../../engine/contract/errors.ts'
import type { ContainerRow, ImageStack, StackSums } from '../../engine/contract/models.ts'
import { useConnection } from './connection.ts'
import { useInspected } from './inspect.ts'
import type { Inspected } from './inspect.ts'
import { useState } from './state.ts'

/** Milliseconds several changes wait for each other: a pull or a clean-up changes many images in a row. */
const GATHER_MS = 400

/** Unique and shared bytes of every image, while a screen keeps them. */
export const useStackSums = defineStore('stack-sums', () => {
  const connection = useConnection()
  const state = useState()
  const sums = shallowRef<StackSums | null>(null)
  const error = shallowRef<ErrorEnvelope | null>(null)
  const keepers = ref(0)
  let asking = new AbortController()
  let timer: ReturnType<typeof setTimeout> | undefined
  let shownOf: string | null = null

  async function load(): Promise<void> {
    asking.abort()
    const mine = new AbortController()
    asking = mine
    const engineId = state.engineId
    if (!engineId || state.loading) return
    try {
      const answer = await connection.call('stacks.sums', { engineId }, { signal: mine.signal })
      if (mine.signal.aborted) return
      sums.value = answer
      error.value = null
    } catch (reason) {
      if (!mine.signal.aborted && !isCancelled(reason)) error.value = toEnvelope(reason)
    }
  }

  watch(
    () => [keepers.value > 0, state.engineId, state.loading, state.imageIds] as const,
    ([kept, engineId]) => {
      clearTimeout(timer)
      if (engineId !== shownOf) sums.value = null
      const first = sums.value === null
      shownOf = engineId
      if (kept) timer = setTimeout(() => void load(), first ? 0 : GATHER_MS)
      else asking.abort()
    },
  )

  /** Call it in `setup` of what shows them. */
  function keep(): void {
    keepers.value += 1
    onScopeDispose(() => (keepers.value -= 1))
  }
  return { sums, error, keep }
})

/** The layers of an image with who shares them. Call it in `setup`. */
export function useImageStack(id: () => string | null): Inspected<ImageStack> {
  const connection = useConnection()
  const state = useState()
  return useInspected(id, () => state.imageIds, (engineId, wanted, signal) => connection.call('stacks.image', { engineId, id: wanted }, { signal }))
}

/** Containers measured at once; the engine walks each. */
const MOST_MEASURED = 200

/**
 * Sizes of the containers' writable layers by id, measured when they appear, change state, or the window is looked at
 * again. Call it in `setup` of what shows them.
 */
export function useWritableLayers(rows: () => readonly ContainerRow[]): ShallowRef<ReadonlyMap<string, number>> {
  const connection = useConnection()
  const state = useState()
  const sizes = shallowRef<ReadonlyMap<string, number>>(new Map())
  let asking = new AbortController()
  let timer: ReturnType<typeof setTimeout> | undefined

  async function measure(): Promise<void> {
    asking.abort()
    const mine = new AbortController()
    asking = mine
    const engineId = state.engineId
    const ids = rows().slice(0, MOST_MEASURED).map((row) => row.id)
    if (!engineId || ids.length === 0 || state.stale) return
    try {
      const { layers } = await connection.call('stacks.writable', { engineId, ids }, { signal: mine.signal })
      if (!mine.signal.aborted) sizes.value = new Map(layers.map(({ id, writableBytes }) => [id, writableBytes]))
    } catch {
      // The sizes are an addition: without them the containers show their state alone.
    }
  }
  function soon(ms: number): void {
    clearTimeout(timer)
    timer = setTimeout(() => void measure(), ms)
  }

  watch(() => rows().map((row) => `${row.id} ${row.state}`).join(), () => soon(GATHER_MS))
  useEventListener(document, 'visibilitychange', () => document.visibilityState === 'visible' && soon(0))
  soon(0)
  onScopeDispose(() => {
    clearTimeout(timer)
    asking.abort()
  })
  return sizes
}
