/** The engine's answer as rows of a tree that can be folded and searched. Pure. */
import type { PathStep } from './template-path.ts'

export interface TreeRow {
  /** Unique among the rows. */
  readonly id: string
  readonly path: readonly PathStep[]
  readonly depth: number
  readonly name: string
  readonly value: unknown
  /** Number of entries of a list or an object; -1 for a value. */
  readonly size: number
}

const idOf = (path: readonly PathStep[]): string => JSON.stringify(path)
export const sizeOf = (value: unknown): number => (typeof value !== 'object' || value === null ? -1 : Object.keys(value).length)

function entriesOf(value: unknown): [PathStep, unknown][] {
  if (Array.isArray(value)) return value.map((one, at): [PathStep, unknown] => [at, one])
  return typeof value === 'object' && value !== null ? Object.entries(value) : []
}

/** Every row, depth first, whatever is folded. */
export function allRows(raw: unknown): TreeRow[] {
  const rows: TreeRow[] = []
  const walk = (value: unknown, path: readonly PathStep[]): void => {
    for (const [step, child] of entriesOf(value)) {
      const below = [...path, step]
      rows.push({ id: idOf(below), path: below, depth: path.length, name: String(step), value: child, size: sizeOf(child) })
      walk(child, below)
    }
  }
  walk(raw, [])
  return rows
}

/** Rows in sight: children of what is unfolded; with a query only what has the text, and what leads there. */
export function visibleRows(rows: readonly TreeRow[], unfolded: ReadonlySet<string>, query: string): TreeRow[] {
  const low = query.trim().toLowerCase()
  if (low === '') {
    let hiddenBelow = Infinity
    return rows.filter((row) => {
      if (row.depth > hiddenBelow) return false
      hiddenBelow = row.size >= 0 && !unfolded.has(row.id) ? row.depth : Infinity
      return true
    })
  }
  const wanted = new Set<string>()
  for (const row of rows) {
    if (!hasText(row, low)) continue
    for (let length = 1; length <= row.path.length; length += 1) wanted.add(idOf(row.path.slice(0, length)))
  }
  return rows.filter((row) => wanted.has(row.id))
}

/** True when the row's own name or value has the text (in small letters). */
export function hasText(row: TreeRow, low: string): boolean {
  return row.name.toLowerCase().includes(low) || (row.size < 0 && String(row.value).toLowerCase().includes(low))
}

/** Folded at first: everything deeper than the first level, and lists that are long. */
export function firstUnfolded(rows: readonly TreeRow[]): ReadonlySet<string> {
  return new Set(rows.filter((row) => row.depth === 0 && row.size > 0 && row.size <= 40).map(({ id }) => id))
}
