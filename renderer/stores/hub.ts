/** The Hub's search: what is typed, what was found, page by page. It stays as it is while other screens are open. */
import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import { isCancelled, toEnvelope } from '../../engine/contract/errors.ts'
import type { ErrorEnvelope } from '../../engine/contract/errors.ts'
import type { HubImage } from '../../engine/contract/models.ts'
import { readQuery } from '../screens/Hub/query.ts'
import { useConnection } from './connection.ts'
import { useEngines } from './engines.ts'
import { useHubTags } from './hub-tags.ts'

/** Milliseconds without a key before the Hub is asked. */
export const DEBOUNCE_MS = 300
const PAGE_SIZE = 25
/** Cards kept at most; who has not found it by then narrows the search. */
const MOST_RESULTS = 1_000

export type HubFilter = 'official' | 'verified'

export const useHub = defineStore('hub', () => {
  const connection = useConnection()
  const engines = useEngines()
  const tags = useHubTags()
  const typed = ref('')
  const query = computed(() => readQuery(typed.value))
  /** What the results below belong to; empty before the first search. */
  const searched = ref('')
  const results = shallowRef<readonly HubImage[]>([])
  const total = ref(0)
  const hasMore = ref(false)
  const source = ref<'hub' | 'engine'>('hub')
  const loading = ref(false)
  const loadingMore = ref(false)
  const error = shallowRef<ErrorEnvelope | null>(null)
  const filters = shallowRef<ReadonlySet<HubFilter>>(new Set())
  let page = 0
  let asking = new AbortController()
  let timer: ReturnType<typeof setTimeout> | undefined

  const shown = computed(() => {
    if (filters.value.size === 0) return results.value
    return results.value.filter((row) => (filters.value.has('official') && row.official) || (filters.value.has('verified') && row.verified))
  })

  function forget(): void {
    asking.abort()
    results.value = []
    total.value = 0
    hasMore.value = false
    error.value = null
    loading.value = false
    loadingMore.value = false
    searched.value = ''
    source.value = 'hub'
    page = 0
  }

  async function load(text: string, wanted: number): Promise<void> {
    asking.abort()
    const mine = new AbortController()
    asking = mine
    const more = wanted > 1
    loading.value = !more
    loadingMore.value = more
    error.value = null
    try {
      const engineId = engines.usable ? engines.currentId : null
      const answer = await connection.call('hub.search', { engineId, query: text, page: wanted, pageSize: PAGE_SIZE }, { signal: mine.signal })
      if (mine.signal.aborted) return
      const known = new Set(more ? results.value.map((row) => row.name) : [])
      results.value = [...(more ? results.value : []), ...answer.results.filter((row) => !known.has(row.name))]
      total.value = Math.max(answer.total, results.value.length)
      hasMore.value = answer.hasMore && results.value.length < MOST_RESULTS
      source.value = answer.source
      searched.value = text
      page = wanted
    } catch (reason) {
      if (mine.signal.aborted || isCancelled(reason)) return
      error.value = toEnvelope(reason)
      searched.value = text
      if (!more) results.value = []
    } finally {
      if (asking === mine) {
        loading.value = false
        loadingMore.value = false
      }
    }
  }

  /** Takes what is typed; the Hub is asked once the typing pauses (`now`: at once). */
  function type(text: string, now = false): void {
    typed.value = text
    clearTimeout(timer)
    const wanted = query.value.search
    if (wanted === '') return forget()
    if (wanted === searched.value && !error.value && !loadingMore.value) {
      asking.abort()
      loading.value = false
      return
    }
    // The old answer stays in sight until the new one is there, but no late page is added to it.
    asking.abort()
    loading.value = true
    timer = setTimeout(() => void load(wanted, 1), now ? 0 : DEBOUNCE_MS)
  }

  return {
    typed,
    query,
    searched,
    results,
    shown,
    total,
    hasMore,
    source,
    loading,
    loadingMore,
    error,
    filters,
    type,
    retry: (): void => void load(query.value.search, page === 0 ? 1 : error.value && results.value.length > 0 ? page + 1 : 1),
    more(): void {
      if (hasMore.value && !loading.value && !loadingMore.value && !error.value) void load(searched.value, page + 1)
    },
    toggle(filter: HubFilter): void {
      const next = new Set(filters.value)
      if (!next.delete(filter)) next.add(filter)
      filters.value = next
    },
    /** The result whose tags stand beside the list. */
    chosen: computed<HubImage | null>(() => {
      const name = tags.repository
      if (name === '') return null
      const known = results.value.find((row) => row.name === name)
      return known ?? { name, description: '', stars: 0, official: false, verified: false }
    }),
  }
})
