/** What registries have that the engine has not: asked on demand, remembered while the page lives. */
import { defineStore } from 'pinia'
import { computed, ref, shallowRef, watch } from 'vue'
import { isCancelled, toEnvelope } from '../../engine/contract/errors.ts'
import type { ErrorEnvelope } from '../../engine/contract/errors.ts'
import type { ImageRow, UpdateCheck } from '../../engine/contract/models.ts'
import { useConnection } from './connection.ts'
import { useEngines } from './engines.ts'
import { useState } from './state.ts'

export const useUpdates = defineStore('updates', () => {
  const connection = useConnection()
  const engines = useEngines()
  const state = useState()
  const found = shallowRef<ReadonlyMap<string, UpdateCheck>>(new Map())
  const asking = shallowRef<ReadonlySet<string>>(new Set())
  const error = shallowRef<ErrorEnvelope | null>(null)
  const checkedAt = ref(0)
  let stop = new AbortController()

  watch(
    () => state.engineId,
    () => {
      stop.abort()
      found.value = new Map()
      asking.value = new Set()
      error.value = null
      checkedAt.value = 0
    },
  )

  /** Asks the registries about these tags. `fresh`: also those that answered a while ago. */
  async function check(references: readonly string[], fresh: boolean): Promise<void> {
    const engineId = state.engineId
    const wanted = references.filter((one) => !asking.value.has(one))
    if (!engineId || wanted.length === 0) return
    if (asking.value.size === 0) stop = new AbortController()
    const { signal } = stop
    error.value = null
    asking.value = new Set([...asking.value, ...wanted])
    const done = (names: readonly string[]): void => {
      asking.value = new Set([...asking.value].filter((one) => !names.includes(one)))
    }
    try {
      for await (const item of connection.stream('images.updates', { engineId, references: wanted, fresh }, { signal })) {
        found.value = new Map([...found.value, [item.reference, item]])
        done([item.reference])
      }
      checkedAt.value = Date.now()
    } catch (reason) {
      if (!signal.aborted && !isCancelled(reason)) error.value = toEnvelope(reason)
    } finally {
      if (!signal.aborted) done(wanted)
    }
  }

  /** Answers about the image's tags, as long as the tag still means that image. */
  const of = (row: Pick<ImageRow, 'id' | 'tags'>): readonly UpdateCheck[] =>
    row.tags.flatMap((tag) => {
      const item = found.value.get(tag)
      return item && (item.imageId === row.id || item.imageId === '') ? [item] : []
    })

  return {
    /** The engine can ask registries. */
    supported: computed(() => engines.current?.capabilities?.distribution !== false),
    found,
    asking,
    error,
    checkedAt,
    of,
    newer: (row: Pick<ImageRow, 'id' | 'tags'>): readonly UpdateCheck[] => of(row).filter((item) => item.state === 'newer'),
    isAsking: (row: Pick<ImageRow, 'tags'>): boolean => row.tags.some((tag) => asking.value.has(tag)),
    check,
    checkAll: (fresh: boolean): Promise<void> => check(state.images.flatMap((row) => row.tags), fresh),
    /** Takes the summary away; the marks stay. */
    dismiss(): void {
      checkedAt.value = 0
      error.value = null
    },
    cancel(): void {
      stop.abort()
      asking.value = new Set()
    },
  }
})
