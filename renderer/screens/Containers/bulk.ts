/** One action on many containers: which of them it fits, and a run with a result for each. Pure apart from `act`. */
import { isCancelled, toEnvelope } from '../../../engine/contract/errors.ts'
import type { ContainerRow } from '../../../engine/contract/models.ts'
import type { BulkLine } from '../../components/bulk-line.ts'

export const ACTS = ['start', 'stop', 'restart', 'pause', 'unpause', 'kill', 'remove'] as const
export type Act = (typeof ACTS)[number]
export type SkipReason = 'running' | 'stopped' | 'paused' | 'notPaused' | 'pending' | 'gone'

export interface BulkItem extends BulkLine {
  readonly skipped?: SkipReason
}

/** Operations at once; the engine has its own queue behind. */
const AT_ONCE = 6

/** True for a container that has a process. */
export const isAlive = (row: Pick<ContainerRow, 'state'>): boolean =>
  row.state === 'running' || row.state === 'paused' || row.state === 'restarting'

/** Why the action has no sense for this container now; null when it has. */
export function skipReason(act: Act, row: Pick<ContainerRow, 'state'> | undefined, pending = false): SkipReason | null {
  if (!row) return 'gone'
  if (pending) return 'pending'
  switch (act) {
    case 'start':
      return row.state === 'paused' ? 'paused' : isAlive(row) ? 'running' : null
    case 'stop':
    case 'kill':
      return isAlive(row) ? null : 'stopped'
    case 'pause':
      return row.state === 'paused' ? 'paused' : row.state === 'running' ? null : 'stopped'
    case 'unpause':
      return row.state === 'paused' ? null : 'notPaused'
    case 'restart':
    case 'remove':
      return null
  }
}

export interface BulkRun {
  readonly ids: readonly string[]
  /** The row as it is when its turn comes. */
  look(id: string): { readonly name: string; readonly skip: SkipReason | null }
  act(id: string): Promise<unknown>
  /** Called after every change with all items. */
  changed(items: readonly BulkItem[]): void
}

/** Acts on every one, a few at a time; never rejects: what failed is in its item. */
export async function runBulk(run: BulkRun): Promise<readonly BulkItem[]> {
  let items: readonly BulkItem[] = run.ids.map((id) => {
    const { name, skip } = run.look(id)
    return skip ? { id, name, status: 'skipped', skipped: skip } : { id, name, status: 'waiting' }
  })
  const put = (index: number, change: Partial<BulkItem>): void => {
    items = items.map((item, at) => (at === index ? { ...item, ...change } : item))
    run.changed(items)
  }
  run.changed(items)
  let next = 0
  async function work(): Promise<void> {
    for (let index = next++; index < items.length; index = next++) {
      const item = items[index]
      if (!item || item.status !== 'waiting') continue
      put(index, { status: 'running' })
      try {
        await run.act(item.id)
        put(index, { status: 'done' })
      } catch (reason) {
        put(index, isCancelled(reason) ? { status: 'cancelled' } : { status: 'failed', error: toEnvelope(reason) })
      }
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  return items
}
