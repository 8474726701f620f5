/** Which containers of a merged log, and which of them, are shown. Pure. */
import type { ContainerRow } from '../../../engine/contract/models.ts'

/**
 * The names shown after a click on one; empty: all. @param alone only that one is left, or, when it is alone already,
 * all come back.
 */
export function onlyAfter(names: readonly string[], only: readonly string[], name: string, alone: boolean): readonly string[] {
  if (alone) return only.length === 1 && only[0] === name ? [] : [name]
  const shown = only.length === 0 ? names : names.filter((one) => only.includes(one))
  const next = shown.includes(name) ? shown.filter((one) => one !== name) : names.filter((one) => shown.includes(one) || one === name)
  // The last one stays: a log without containers says nothing.
  return next.length === names.length || next.length === 0 ? [] : next
}

export interface Choice {
  /** Compose project, or null for single containers. */
  readonly project: string | null
  /** Ids; of a project those it has now. */
  readonly ids: readonly string[]
}

type Query = Readonly<Record<string, unknown>>

/** What an address asks for; without a wish the first that runs. Containers that are gone are left out. */
export function choiceOf(query: Query, rows: readonly ContainerRow[]): Choice {
  const { project } = query
  if (typeof project === 'string' && project !== '') {
    // The eldest first: those that join later are behind the ones that are here.
    const ids = rows.filter((row) => row.project === project).sort((a, b) => a.createdAt - b.createdAt || a.name.localeCompare(b.name)).map(({ id }) => id)
    return { project, ids }
  }
  const asked = (Array.isArray(query['container']) ? query['container'] : [query['container']]).filter((id): id is string => typeof id === 'string')
  if (asked.length === 0) return { project: null, ids: rows.filter((row) => row.state === 'running').slice(0, 1).map(({ id }) => id) }
  return { project: null, ids: asked.filter((id) => rows.some((row) => row.id === id)) }
}

/** The ids a view has after a choice changed: of the same one what it had stays, in its order, and new ones are behind. */
export function grown(before: readonly string[], now: readonly string[]): readonly string[] {
  const more = now.filter((id) => !before.includes(id))
  return more.length === 0 ? before : [...before, ...more]
}
