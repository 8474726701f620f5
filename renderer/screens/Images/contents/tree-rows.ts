/** The lines of a tree of which only some directories are known. Pure. */
import type { ErrorEnvelope } from '../../../../engine/contract/errors.ts'

export interface TreeEntry {
  readonly path: string
  readonly name: string
  readonly hasChildren: boolean
}

/** What is known of one directory. */
export interface TreePage<Entry> {
  readonly entries: readonly Entry[]
  /** Entries it has in all. */
  readonly total: number
  readonly loading: boolean
  readonly error: ErrorEnvelope | null
}

export type TreeRow<Entry> =
  | {
      readonly kind: 'entry'
      readonly key: string
      /** 0 for what lies in the root. */
      readonly depth: number
      readonly entry: Entry
      readonly open: boolean
      /** 1-based place in its directory, and how many there are. */
      readonly position: number
      readonly setSize: number
    }
  | { readonly kind: 'more'; readonly key: string; readonly path: string; readonly depth: number; readonly left: number }
  | { readonly kind: 'loading'; readonly key: string; readonly path: string; readonly depth: number }
  | { readonly kind: 'error'; readonly key: string; readonly path: string; readonly depth: number; readonly error: ErrorEnvelope }

export function treeRows<Entry extends TreeEntry>(pages: ReadonlyMap<string, TreePage<Entry>>, open: ReadonlySet<string>): TreeRow<Entry>[] {
  const rows: TreeRow<Entry>[] = []
  const walk = (path: string, depth: number): void => {
    const page = pages.get(path)
    page?.entries.forEach((entry, index) => {
      const isOpen = entry.hasChildren && open.has(entry.path)
      rows.push({ kind: 'entry', key: `/${entry.path}`, depth, entry, open: isOpen, position: index + 1, setSize: page.total })
      if (isOpen) walk(entry.path, depth + 1)
    })
    if (page?.error) rows.push({ kind: 'error', key: `error:${path}`, path, depth, error: page.error })
    else if (!page || page.loading) rows.push({ kind: 'loading', key: `loading:${path}`, path, depth })
    else if (page.entries.length < page.total) rows.push({ kind: 'more', key: `more:${path}`, path, depth, left: page.total - page.entries.length })
  }
  walk('', 0)
  return rows
}

/** `a/b/c` → `''`, `a`, `a/b`: the directories a path lies in, outermost first. */
export function ancestors(path: string): string[] {
  const parts = path.split('/')
  return parts.map((_, index) => parts.slice(0, index).join('/'))
}

/** What a key of the keyboard does at a row of the tree; null for keys that are not the tree's. */
export function treeMove<Entry extends TreeEntry>(
  rows: readonly TreeRow<Entry>[],
  at: number,
  key: string,
): { readonly to: number } | { readonly toggle: string } | null {
  const row = rows[at]
  const clamp = (to: number): { to: number } => ({ to: Math.max(0, Math.min(rows.length - 1, to)) })
  switch (key) {
    case 'ArrowDown':
      return clamp(at + 1)
    case 'ArrowUp':
      return clamp(at - 1)
    case 'PageDown':
      return clamp(at + 15)
    case 'PageUp':
      return clamp(at - 15)
    case 'Home':
      return clamp(0)
    case 'End':
      return clamp(rows.length - 1)
    case 'ArrowRight':
      if (row?.kind !== 'entry' || !row.entry.hasChildren) return clamp(at)
      return row.open ? clamp(at + 1) : { toggle: row.entry.path }
    case 'ArrowLeft': {
      if (row?.kind === 'entry' && row.open) return { toggle: row.entry.path }
      const parent = rows.findLastIndex((other, index) => index < at && other.depth < (row?.depth ?? 0))
      return clamp(parent < 0 ? at : parent)
    }
    default:
      return null
  }
}
