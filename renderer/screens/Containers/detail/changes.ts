/** Rows of the Changes tab. Pure. */
import type { ContainerChanges } from '../../../../engine/contract/models.ts'

export const CHANGE_KINDS = ['A', 'C', 'D'] as const
export type ChangeKind = (typeof CHANGE_KINDS)[number]

export interface ChangeRow {
  readonly path: string
  readonly kind: ChangeKind
}

export function changeRows({ paths, kinds }: ContainerChanges): readonly ChangeRow[] {
  return paths.map((path, n) => ({ path, kind: CHANGE_KINDS.find((kind) => kind === kinds[n]) ?? 'C' }))
}

/** Rows of the chosen kinds (none chosen = all) whose path has the text, case ignored. */
export function filterChanges(rows: readonly ChangeRow[], chosen: ReadonlySet<ChangeKind>, text: string): readonly ChangeRow[] {
  const wanted = text.trim().toLowerCase()
  if (chosen.size === 0 && wanted === '') return rows
  return rows.filter(({ path, kind }) => (chosen.size === 0 || chosen.has(kind)) && path.toLowerCase().includes(wanted))
}

export function countOf(changes: ContainerChanges, kind: ChangeKind): number {
  return { A: changes.added, C: changes.changed, D: changes.deleted }[kind]
}

export function totalOf(changes: ContainerChanges): number {
  return CHANGE_KINDS.reduce((sum, kind) => sum + countOf(changes, kind), 0)
}
