/** Tags of the repository that is open beside the Hub's results. */
import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import { isCancelled, toEnvelope } from '../../engine/contract/errors.ts'
import type { ErrorEnvelope } from '../../engine/contract/errors.ts'
import type { HubTag } from '../../engine/contract/models.ts'
import { useConnection } from './connection.ts'

const PAGE_SIZE = 50
const DEBOUNCE_MS = 250
/** Tags kept at most; more are found by the filter. */
const MOST_TAGS = 2_000

export const useHubTags = defineStore('hub-tags', () => {
  const connection = useConnection()
  /** `nginx`, `bitnami/nginx`; empty while none is open. */
  const repository = ref('')
  const filter = ref('')
  const list = shallowRef<readonly HubTag[]>([])
  const total = ref(0)
  const hasMore = ref(false)
  const loading = ref(false)
  const loadingMore = ref(false)
  const error = shallowRef<ErrorEnvelope | null>(null)
  /** Name of the tag that Pull and Run mean. */
  const chosenName = ref('')
  let page = 0
  let asking = new AbortController()
  let timer: ReturnType<typeof setTimeout> | undefined

  async function load(wanted: number): Promise<void> {
    asking.abort()
    const mine = new AbortController()
    asking = mine
    const more = wanted > 1
    loading.value = !more
    loadingMore.value = more
    error.value = null
    try {
      const arg = { repository: repository.value, page: wanted, pageSize: PAGE_SIZE, filter: filter.value.trim() }
      const answer = await connection.call('hub.tags', arg, { signal: mine.signal })
      if (mine.signal.aborted) return
      const known = new Set(more ? list.value.map((tag) => tag.name) : [])
      list.value = [...(more ? list.value : []), ...answer.results.filter((tag) => !known.has(tag.name))]
      total.value = Math.max(answer.total, list.value.length)
      hasMore.value = answer.hasMore && list.value.length < MOST_TAGS
      page = wanted
    } catch (reason) {
      if (mine.signal.aborted || isCancelled(reason)) return
      error.value = toEnvelope(reason)
    } finally {
      if (asking === mine) {
        loading.value = false
        loadingMore.value = false
      }
    }
  }

  function reset(): void {
    clearTimeout(timer)
    list.value = []
    total.value = 0
    hasMore.value = false
    error.value = null
    page = 0
  }

  function soon(ms: number): void {
    clearTimeout(timer)
    asking.abort()
    loading.value = true
    timer = setTimeout(() => void load(1), ms)
  }

  return {
    repository,
    filter,
    list,
    total,
    hasMore,
    loading,
    loadingMore,
    error,
    chosenName,
    /** The chosen tag, else `latest`, else the first. */
    chosen: computed<HubTag | null>(
      () => list.value.find((tag) => tag.name === chosenName.value) ?? list.value.find((tag) => tag.name === 'latest') ?? list.value[0] ?? null,
    ),
    /** @param wait milliseconds; for arrow keys, so that passing by a card asks for nothing */
    open(name: string, wait = 0): void {
      if (name === repository.value && !error.value) return
      reset()
      repository.value = name
      filter.value = ''
      chosenName.value = ''
      soon(wait)
    },
    close(): void {
      reset()
      asking.abort()
      loading.value = false
      repository.value = ''
    },
    setFilter(text: string): void {
      filter.value = text
      soon(DEBOUNCE_MS)
    },
    retry: (): void => void load(list.value.length > 0 ? page + 1 : 1),
    more(): void {
      if (hasMore.value && !loading.value && !loadingMore.value && !error.value) void load(page + 1)
    },
  }
})
