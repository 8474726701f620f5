/**
 * Tags of the repository that is open beside the Hub's results. The first page is shown at once; the rest comes page
 * by page in the background, a few at a time, and stops as soon as the Hub limits us.
 */
import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import { isCancelled, toEnvelope } from '../../engine/contract/errors.ts'
import type { ErrorEnvelope } from '../../engine/contract/errors.ts'
import type { HubTag, HubTagPage } from '../../engine/contract/models.ts'
import { useConnection } from './connection.ts'

/** The most the Hub gives at once. */
const PAGE_SIZE = 100
/** Pages asked for at the same time. */
const AT_ONCE = 3
/** Pages fetched without being asked for; the Hub allows 180 requests a minute from an address. */
const UNASKED_PAGES = 40
const DEBOUNCE_MS = 250

export const useHubTags = defineStore('hub-tags', () => {
  const connection = useConnection()
  /** `nginx`, `bitnami/nginx`; empty while none is open. */
  const repository = ref('')
  const filter = ref('')
  const list = shallowRef<readonly HubTag[]>([])
  /** As the Hub says; never below what is loaded. */
  const total = ref(0)
  /** Nothing is there yet. */
  const loading = ref(false)
  /** The rest is on its way. */
  const filling = ref(false)
  /** The Hub is asked for tags of this filter, as not all are loaded. */
  const searching = ref(false)
  const error = shallowRef<ErrorEnvelope | null>(null)
  /** Every page is loaded. */
  const complete = ref(false)
  /** Name of the tag that Pull and Run mean. */
  const chosenName = ref('')

  const pages = new Map<number, readonly HubTag[]>()
  let found: readonly HubTag[] = []
  /** The last page by the Hub's own count, and by its word that no more follow. */
  let expected = 1
  let end = Number.POSITIVE_INFINITY
  let asking = new AbortController()
  let asked = new AbortController()
  let timer: ReturnType<typeof setTimeout> | undefined
  let filterTimer: ReturnType<typeof setTimeout> | undefined

  function show(): void {
    const byName = new Map<string, HubTag>()
    for (const page of [...pages.keys()].sort((a, b) => a - b)) for (const tag of pages.get(page) ?? []) if (!byName.has(tag.name)) byName.set(tag.name, tag)
    for (const tag of found) if (!byName.has(tag.name)) byName.set(tag.name, tag)
    list.value = [...byName.values()]
    total.value = Math.max(total.value, list.value.length)
  }

  async function fetchPage(page: number, text: string, signal: AbortSignal): Promise<HubTagPage> {
    try {
      return await connection.call('hub.tags', { repository: repository.value, page, pageSize: PAGE_SIZE, filter: text }, { signal })
    } catch (reason) {
      // A page behind the last is "not found": tags went away while the list was read.
      if (page > 1 && toEnvelope(reason).code === 'not-found') return { total: 0, page, hasMore: false, results: [] }
      throw reason
    }
  }

  function keep(page: number, answer: HubTagPage): void {
    pages.set(page, answer.results)
    total.value = Math.max(total.value, answer.total)
    if (!answer.hasMore) end = Math.min(end, page)
    expected = Math.max(expected, answer.hasMore ? page + 1 : page, Math.ceil(answer.total / PAGE_SIZE))
    show()
  }

  /** The lowest page that is neither there nor being fetched. */
  function nextPage(fetching: ReadonlySet<number>): number | undefined {
    for (let page = 1; page <= Math.min(expected, end); page++) if (!pages.has(page) && !fetching.has(page)) return page
    return undefined
  }

  async function fill(mine: AbortController): Promise<void> {
    const fetching = new Set<number>()
    let left = UNASKED_PAGES
    const work = async (): Promise<void> => {
      for (let page = nextPage(fetching); page !== undefined && left > 0 && !mine.signal.aborted; page = nextPage(fetching)) {
        left -= 1
        fetching.add(page)
        const answer = await fetchPage(page, '', mine.signal)
        if (mine.signal.aborted) return
        fetching.delete(page)
        keep(page, answer)
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, work))
  }

  /** Fetches what is missing: the first page by itself, so that it is seen before anything else is asked for. */
  async function load(): Promise<void> {
    asking.abort()
    const mine = new AbortController()
    asking = mine
    error.value = null
    try {
      if (!pages.has(1)) {
        loading.value = true
        const answer = await fetchPage(1, '', mine.signal)
        if (mine.signal.aborted) return
        keep(1, answer)
        loading.value = false
      }
      filling.value = nextPage(new Set()) !== undefined
      await fill(mine)
      if (mine.signal.aborted) return
      complete.value = nextPage(new Set()) === undefined
    } catch (reason) {
      if (mine.signal.aborted) return
      // One that fails is the end of them all: a Hub that limits us must not be asked on.
      mine.abort()
      loading.value = false
      if (!isCancelled(reason)) error.value = toEnvelope(reason)
    }
    filling.value = false
  }

  /** Asks the Hub for tags of this filter; only what is not loaded yet needs it. */
  async function search(): Promise<void> {
    asked.abort()
    const mine = new AbortController()
    asked = mine
    try {
      const answer = await fetchPage(1, filter.value.trim(), mine.signal)
      if (mine.signal.aborted) return
      found = [...found, ...answer.results]
      show()
    } catch (reason) {
      if (mine.signal.aborted) return
      if (!isCancelled(reason)) error.value = toEnvelope(reason)
    }
    searching.value = false
  }

  function reset(): void {
    clearTimeout(timer)
    clearTimeout(filterTimer)
    asking.abort()
    asked.abort()
    pages.clear()
    found = []
    expected = 1
    end = Number.POSITIVE_INFINITY
    list.value = []
    total.value = 0
    complete.value = false
    loading.value = false
    filling.value = false
    searching.value = false
    error.value = null
  }

  return {
    repository,
    filter,
    list,
    total,
    loading,
    filling,
    searching,
    complete,
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
      loading.value = true
      timer = setTimeout(() => void load(), wait)
    },
    close(): void {
      reset()
      repository.value = ''
    },
    /** Filters what is loaded at once; the Hub is asked only when there is more than is loaded or on its way. */
    setFilter(text: string): void {
      filter.value = text
      clearTimeout(filterTimer)
      asked.abort()
      searching.value = text.trim() !== '' && !complete.value && !filling.value && list.value.length > 0
      if (searching.value) filterTimer = setTimeout(() => void search(), DEBOUNCE_MS)
    },
    retry: (): void => void load(),
    /** The next pages of a repository so large that not all come unasked. */
    more(): void {
      if (!complete.value && !filling.value && !loading.value) void load()
    },
  }
})
