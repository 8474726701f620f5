/** A folder as it is looked at: listed once, its entries fetched in pages as they come into sight. */
import { computed, onScopeDispose, ref, shallowRef, triggerRef } from 'vue'
import type { ComputedRef, Ref, ShallowRef } from 'vue'
import { NaruError, isCancelled, toEnvelope } from '../../../../../engine/contract/errors.ts'
import type { ErrorEnvelope } from '../../../../../engine/contract/errors.ts'
import type { FileEntry, FileMark, FolderItem } from '../../../../../engine/contract/models.ts'
import type { PageQuery } from '../../../../../engine/contract/parts/files.ts'
import type { FileCalls } from '../../../../stores/files.ts'

export type FolderReady = FolderItem & { readonly state: 'ready' }
export type FolderReading = FolderItem & { readonly state: 'reading' }

export interface FolderQuery {
  readonly sort: PageQuery['sort']
  readonly descending: boolean
  readonly text: string
  /** Empty = all. */
  readonly marks: readonly FileMark[]
}

export interface FolderView {
  readonly path: Ref<string>
  /** Null until the first answer for this path. */
  readonly ready: ShallowRef<FolderReady | null>
  /** Null when nothing is being read. */
  readonly reading: ShallowRef<FolderReading | null>
  readonly error: ShallowRef<ErrorEnvelope | null>
  readonly query: ShallowRef<FolderQuery>
  /** Names that pass the filter. */
  readonly total: Ref<number>
  /** Nothing of the folder can be shown yet. */
  readonly empty: ComputedRef<boolean>
  /** Null while its page is not there; it is fetched then. */
  entry(index: number): FileEntry | null
  go(path: string): void
  reload(fresh: boolean): void
  ask(query: Partial<FolderQuery>): void
  stop(): void
}

/** Entries of a page, and pages that are kept. */
export const PAGE = 200
const MOST_PAGES = 40

/** Where each container was looked at last. */
const places = new Map<string, string>()

/** Call it in `setup`; it begins to read at once. */
export function useFolder(id: string, calls: FileCalls): FolderView {
  const path = ref(places.get(id) ?? '/')
  const ready = shallowRef<FolderReady | null>(null)
  const reading = shallowRef<FolderReading | null>(null)
  const error = shallowRef<ErrorEnvelope | null>(null)
  const query = shallowRef<FolderQuery>({ sort: 'name', descending: false, text: '', marks: [] })
  const total = ref(0)
  const pages = shallowRef(new Map<number, readonly FileEntry[]>())
  const asked = new Set<number>()
  let opening = new AbortController()
  let paging = new AbortController()

  async function open(fresh: boolean): Promise<void> {
    opening.abort()
    const mine = new AbortController()
    opening = mine
    error.value = null
    reading.value = { state: 'reading', source: 'asked', bytes: 0, found: 0 }
    try {
      for await (const item of calls.open(id, path.value, fresh, mine.signal)) {
        if (mine.signal.aborted) return
        if (item.state === 'reading') reading.value = item
        else await show(item, mine.signal)
      }
    } catch (reason) {
      if (mine.signal.aborted || isCancelled(reason)) return
      error.value = toEnvelope(reason)
    } finally {
      if (opening === mine) reading.value = null
    }
  }

  /** The pages in sight are fetched anew; until they come, what was there stays. */
  async function show(item: FolderReady, signal: AbortSignal): Promise<void> {
    const wanted = [...new Set([0, ...asked])].slice(-3)
    paging.abort()
    paging = new AbortController()
    const listing = paging.signal
    const got = await Promise.all(wanted.map((page) => calls.page(item.listingId, pageQuery(page), AbortSignal.any([signal, listing]))))
    if (signal.aborted || listing.aborted) return
    ready.value = item
    reading.value = null
    asked.clear()
    for (const page of wanted) asked.add(page)
    total.value = got[0]?.total ?? 0
    pages.value = new Map(wanted.map((page, at) => [page, got[at]?.entries ?? []]))
  }

  function pageQuery(page: number): PageQuery {
    const { text, marks, ...order } = query.value
    return { ...order, ...(text.trim() !== '' && { text: text.trim() }), ...(marks.length > 0 && { marks }), offset: page * PAGE, limit: PAGE }
  }

  async function fetchPage(page: number): Promise<void> {
    const listing = ready.value
    if (!listing || asked.has(page)) return
    asked.add(page)
    const { signal } = paging
    try {
      const got = await calls.page(listing.listingId, pageQuery(page), signal)
      if (signal.aborted) return
      pages.value.set(page, got.entries)
      for (const old of pages.value.keys()) {
        if (pages.value.size <= MOST_PAGES) break
        pages.value.delete(old)
        asked.delete(old)
      }
      triggerRef(pages)
    } catch (reason) {
      if (signal.aborted || isCancelled(reason)) return
      asked.delete(page)
      if (reason instanceof NaruError && reason.hint === 'listing-gone') void open(false)
      else error.value = toEnvelope(reason)
    }
  }

  function go(next: string): void {
    path.value = next
    places.set(id, next)
    ready.value = null
    total.value = 0
    pages.value = new Map()
    asked.clear()
    query.value = { ...query.value, text: '', marks: [] }
    void open(false)
  }

  void open(false)
  onScopeDispose(() => {
    opening.abort()
    paging.abort()
  })
  return {
    path,
    ready,
    reading,
    error,
    query,
    total,
    empty: computed(() => ready.value === null),
    entry(index) {
      const found = pages.value.get(Math.floor(index / PAGE))?.[index % PAGE] ?? null
      if (!found) void fetchPage(Math.floor(index / PAGE))
      return found
    },
    go,
    reload: (fresh) => void open(fresh),
    ask(more) {
      query.value = { ...query.value, ...more }
      const item = ready.value
      asked.clear()
      if (item) show(item, opening.signal).catch((reason: unknown) => {
        if (reason instanceof NaruError && reason.hint === 'listing-gone') void open(false)
        else if (!isCancelled(reason)) error.value = toEnvelope(reason)
      })
    },
    stop: () => opening.abort(),
  }
}
