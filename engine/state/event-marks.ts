/** What an engine event says about rows. Pure. */
import type { PlainEvent } from '../docker/events.ts'
import type { Dirty } from './dirty.ts'

/** Things that happen inside a container and change nothing a row shows. */
const NO_CHANGE = /^(exec_|top$|attach$|detach$|resize$|archive-path$|extract-to-dir$|export$|copy$|mount$|unmount$|checkpoint)/

/** Begin and end of a run: what inspect told about the run before no longer counts. */
const RUN_CHANGES: ReadonlySet<string> = new Set(['start', 'die', 'stop', 'kill', 'oom', 'restart', 'destroy', 'cleanup', 'pause', 'unpause'])

export interface EventMarks {
  readonly dirty: Partial<Dirty>
  /** Container whose run began or ended. */
  readonly run?: string
}

/** Rows to fetch again after `event`; null when it concerns none. */
export function marksOf(event: PlainEvent, containerOfNetwork?: string): EventMarks | null {
  const { type, action, id } = event
  if (type === 'container') {
    if (NO_CHANGE.test(action)) return null
    if (id === '') return { dirty: { all: true } }
    return { dirty: { ids: new Set([id]) }, ...(RUN_CHANGES.has(action) && { run: id }) }
  }
  if (type === 'image') return action === 'push' || action === 'save' ? null : { dirty: { images: true } }
  if (type === 'network' && (action === 'connect' || action === 'disconnect') && containerOfNetwork) {
    return { dirty: { ids: new Set([containerOfNetwork]) } }
  }
  return null
}
