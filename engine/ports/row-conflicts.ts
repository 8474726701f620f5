/** Ports of running containers that are not open on this machine, on the rows of their containers. Pure. */
import type { ContainerRow, PortConflict, RowPort } from '../contract/models.ts'
import { holdsPorts } from './overlap.ts'

export interface PortProblem {
  readonly hostIp: string
  readonly hostPort: number
  readonly protocol: string
  readonly conflict: PortConflict
}

/** By id of the container. */
export type PortProblems = ReadonlyMap<string, readonly PortProblem[]>

/** The row as it is with these problems; the same object when they say nothing of it. */
export function withConflicts(row: ContainerRow, problems: PortProblems): ContainerRow {
  const mine = holdsPorts(row) ? (problems.get(row.id) ?? []) : []
  if (mine.length === 0 && row.ports.every(({ conflict }) => conflict === undefined)) return row
  const ports = row.ports.map(({ conflict: _old, ...port }): RowPort => {
    const found = mine.find(({ hostIp, hostPort, protocol }) => port.hostPort === hostPort && port.protocol === protocol && (port.hostIp || '0.0.0.0') === hostIp)
    return found ? { ...port, conflict: found.conflict } : port
  })
  return { ...row, ports }
}
