/** A tree read one directory at a time, in pages, as it is opened. */
import { computed, onScopeDispose, shallowRef } from 'vue'
import type { ComputedRef } from 'vue'
import { isCancelled, toEnvelope } from '../../../../engine/contract/errors.ts'
import { ancestors, treeRows } from './tree-rows.ts'
import type { TreeEntry, TreePage, TreeRow } from './tree-rows.ts'

/** Entries of a directory that are read at once. */
export const PAGE_ENTRIES = 200
/** Lines up to which a filtered tree opens by itself. */
const OPEN_UP_TO = 150
/** Pages of one directory that are read to find an entry in it. */
const MOST_PAGES = 25

type Fetch<Entry> = (path: string, offset: number, signal: AbortSignal) => Promise<{ readonly entries: readonly Entry[]; readonly total: number }>

export interface FileTree<Entry extends TreeEntry> {
  readonly rows: ComputedRef<readonly TreeRow<Entry>[]>
  /** The first page of the root is not there yet. */
  readonly fresh: ComputedRef<boolean>
  toggle(path: string): void
  /** Reads the next entries of a directory, or again what failed. */
  more(path: string): void
  /** Reads everything anew; what was open stays open. @param openAll while few lines are there: a filter is on */
  reset(openAll: boolean): void
  /** Opens the way to a path; false when it is not there. */
  reveal(path: string): Promise<boolean>
}

/** Call it in `setup`, then `reset`. */
export function useFileTree<Entry extends TreeEntry>(fetch: Fetch<Entry>): FileTree<Entry> {
  const pages = shallowRef<ReadonlyMap<string, TreePage<Entry>>>(new Map())
  const open = shallowRef<ReadonlySet<string>>(new Set())
  let asking = new AbortController()
  let openAll = false
  const rows = computed(() => treeRows(pages.value, open.value))

  const put = (path: string, page: TreePage<Entry>): void => void (pages.value = new Map(pages.value).set(path, page))
  const empty: TreePage<Entry> = { entries: [], total: 0, loading: true, error: null }

  async function load(path: string): Promise<void> {
    const { signal } = asking
    const known = pages.value.get(path) ?? empty
    put(path, { ...known, loading: true, error: null })
    try {
      const answer = await fetch(path, known.entries.length, signal)
      if (signal.aborted) return
      put(path, { entries: [...known.entries, ...answer.entries], total: answer.total, loading: false, error: null })
      follow(path, answer.entries)
    } catch (reason) {
      if (!signal.aborted && !isCancelled(reason)) put(path, { ...known, loading: false, error: toEnvelope(reason) })
    }
  }

  /** Goes on into directories that were open, that lie alone in theirs, or that a filter is to show. */
  function follow(path: string, entries: readonly Entry[]): void {
    const folders = entries.filter((entry) => entry.hasChildren)
    const alone = entries.length === 1 && pages.value.get(path)?.total === 1
    if (alone || openAll) {
      const room = alone ? 1 : Math.max(0, OPEN_UP_TO - rows.value.length)
      const more = folders.slice(0, room).map((entry) => entry.path)
      if (more.length > 0) open.value = new Set([...open.value, ...more])
    }
    for (const entry of folders) if (open.value.has(entry.path) && !pages.value.has(entry.path)) void load(entry.path)
  }

  function show(path: string): void {
    open.value = new Set(open.value).add(path)
    if (!pages.value.has(path)) void load(path)
  }

  function toggle(path: string): void {
    if (!open.value.has(path)) return show(path)
    const left = new Set(open.value)
    left.delete(path)
    open.value = left
  }

  /** Until the directory has the entry, or all of its entries are there. */
  async function has(folder: string, path: string): Promise<boolean> {
    const { signal } = asking
    for (let page = 0; page < MOST_PAGES && !signal.aborted; page += 1) {
      const known = pages.value.get(folder)
      if (known?.entries.some((entry) => entry.path === path)) return true
      if (known?.error || (known && !known.loading && known.entries.length >= known.total)) return false
      await load(folder)
    }
    return false
  }

  async function reveal(path: string): Promise<boolean> {
    const way = [...ancestors(path).slice(1), path]
    let folder = ''
    for (const step of way) {
      if (!(await has(folder, step))) return false
      if (step !== path) open.value = new Set(open.value).add(step)
      folder = step
    }
    return true
  }

  onScopeDispose(() => asking.abort())
  return {
    rows,
    fresh: computed(() => pages.value.get('')?.loading !== false && (pages.value.get('')?.entries.length ?? 0) === 0),
    toggle,
    more: (path) => void load(path),
    reset(all) {
      asking.abort()
      asking = new AbortController()
      openAll = all
      pages.value = new Map()
      void load('')
    },
    reveal,
  }
}
