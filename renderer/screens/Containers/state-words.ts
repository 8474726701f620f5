/** How a container's state is said and drawn; used by the list and the details. */
import { useI18n } from 'vue-i18n'
import type { ContainerRow, OperationRow } from '../../../engine/contract/models.ts'
import { useFormat } from '../../i18n/format.ts'
import { exitReason } from './exit-words.ts'
import type { ExitReason } from './exit-words.ts'

export type StateTone = 'ok' | 'warn' | 'bad' | 'idle' | 'busy' | 'paused'

type Stateful = Pick<ContainerRow, 'state' | 'health' | 'exitCode' | 'oomKilled' | 'startedAt' | 'finishedAt'> & Partial<Pick<ContainerRow, 'ports'>>

export interface StateWords {
  tone(row: Stateful, pending?: OperationRow): StateTone
  /** "Up 2 hours", "Exited (137)"; with a pending operation what is being done. */
  main(row: Stateful, pending?: OperationRow): string
  /** "healthy", "4 minutes ago"; may be empty. */
  more(row: Stateful): string
  /** "out of memory"; of one that runs, that a port of it is not open; else empty. */
  reason(row: Stateful): string
  exit(row: Stateful): ExitReason | null
}

const ended = (row: Stateful): boolean => row.state === 'exited' || row.state === 'dead' || row.state === 'restarting'

/** Why it ended; null when it did not, or nobody knows. */
export function exitOf(row: Stateful): ExitReason | null {
  return ended(row) && row.exitCode !== undefined ? exitReason(row.exitCode, row.oomKilled) : null
}

/** Published ports of a running container that are not open on this machine; each number once. */
export const closedPorts = ({ ports = [] }: Stateful): number[] => [...new Set(ports.flatMap(({ conflict, hostPort }) => (conflict && hostPort ? [hostPort] : [])))]

export function toneOf(row: Stateful, pending?: OperationRow): StateTone {
  if (pending || row.state === 'restarting' || row.state === 'removing') return 'busy'
  if (row.state === 'paused') return 'paused'
  if (row.state === 'running') return row.health === 'unhealthy' || closedPorts(row).length > 0 ? 'warn' : 'ok'
  if (row.state === 'dead') return 'bad'
  const exit = exitOf(row)
  return exit && !exit.calm ? 'bad' : 'idle'
}

/** Order of states in a sorted list: what needs attention first. */
const RANK: Readonly<Record<ContainerRow['state'], number>> = {
  dead: 0, restarting: 1, running: 2, paused: 3, removing: 4, exited: 5, created: 6,
}
export function stateRank(row: Stateful): number {
  const tone = toneOf(row)
  return tone === 'bad' ? 0 : tone === 'warn' ? 1 : 2 + RANK[row.state]
}

/** Call it in `setup`. */
export function useStateWords(): StateWords {
  const { t } = useI18n()
  const format = useFormat()

  function main(row: Stateful, pending?: OperationRow): string {
    if (pending) {
      const key = pending.name.replace('.', '-')
      return t(`containers.pending.${key.startsWith('containers-') ? key : 'other'}`)
    }
    if (row.state === 'running') {
      return row.startedAt === undefined ? t('containers.state.running') : t('containers.state.runningFor', { time: format.since(row.startedAt) })
    }
    if (row.state === 'exited') {
      return row.exitCode === undefined ? t('containers.state.exitedUnknown') : t('containers.state.exited', { code: row.exitCode })
    }
    return t(`containers.state.${row.state}`)
  }

  function reason(row: Stateful): string {
    const closed = closedPorts(row)
    if (closed.length > 0) return t('containers.portsClosed', { ports: closed.join(', ') }, closed.length)
    const exit = exitOf(row)
    return exit ? t(`containers.exit.${exit.key}.short`, exit.params) : ''
  }

  return {
    tone: toneOf,
    main,
    reason,
    exit: exitOf,
    more: (row) => {
      if (row.state === 'running') return row.health === 'none' ? '' : t(`containers.health.${row.health}`)
      return row.state === 'exited' && row.finishedAt !== undefined ? format.ago(row.finishedAt) : ''
    },
  }
}
