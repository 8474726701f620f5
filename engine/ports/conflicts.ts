/** Conflicts of containers that do not run, told before they are started. Pure. */
import type { ContainerRow, HostListener, PlannedPort, PortConflict, PortHolder } from '../contract/models.ts'
import type { BindAnswer } from './host-ports.ts'
import { addressesOverlap, findPublisher, holdsPorts, questionOf, questionsOverlap } from './overlap.ts'
import type { PortQuestion } from './overlap.ts'

export interface Occupied {
  readonly rows: readonly ContainerRow[]
  /** Empty where the system does not tell. */
  readonly listeners: readonly HostListener[]
  /** Addresses of this machine. */
  readonly addresses: ReadonlySet<string>
}

const LAST_PORT = 65_535
/** Rivals named at most. */
const MOST_RIVALS = 20

/** @param tried what binding for an instant said where the listeners leave it open; `unknown` = not tried */
export function conflictsOf(planned: readonly PlannedPort[], rows: readonly ContainerRow[], occupied: Occupied, tried: (question: PortQuestion) => BindAnswer): PlannedPort[] {
  const names = new Map(rows.map(({ id, name }) => [id, name]))
  const byPort = new Map<string, PlannedPort[]>()
  for (const port of planned) {
    const key = `${port.mapping.protocol} ${port.mapping.hostPort}`
    byPort.set(key, [...(byPort.get(key) ?? []), port])
  }
  const wanted = new Set(byPort.keys())
  return planned.map((port) => {
    const same = byPort.get(`${port.mapping.protocol} ${port.mapping.hostPort}`) ?? []
    const conflict = conflictOf(port, same, occupied, tried, names)
    if (!conflict) return port
    const nearestFree = conflict.kind === 'address-gone' ? undefined : nextFree(port.mapping, occupied, wanted)
    return { ...port, conflict: { ...conflict, ...(nearestFree !== undefined && { nearestFree }) } }
  })
}

function conflictOf(
  { containerId, mapping }: PlannedPort,
  same: readonly PlannedPort[],
  occupied: Occupied,
  tried: (question: PortQuestion) => BindAnswer,
  names: ReadonlyMap<string, string>,
): PortConflict | undefined {
  const holder = holderOf(mapping, occupied, tried(mapping))
  if (holder) return { kind: 'held', holder }
  if (isGone(mapping.hostIp, occupied.addresses)) return { kind: 'address-gone' }
  const rivals = same.filter((other) => other.containerId !== containerId && questionsOverlap(other.mapping, mapping))
  if (rivals.length === 0) return undefined
  const ids = [...new Set(rivals.map((rival) => rival.containerId))].slice(0, MOST_RIVALS)
  return { kind: 'rivals', rivals: ids.map((id) => ({ containerId: id, name: names.get(id) ?? id.slice(0, 12) })) }
}

function holderOf(question: PortQuestion, { rows, listeners }: Occupied, tried: BindAnswer): PortHolder | undefined {
  const own = findPublisher(rows, question)
  if (own) return { kind: 'container', containerId: own.id, name: own.name }
  if (tried === 'free') return undefined
  const listener = listeners.find((each) => each.port === question.hostPort && each.protocol === question.protocol && addressesOverlap(each.ip, question.hostIp))
  if (listener) return listener.holder
  return tried === 'taken' ? { kind: 'unknown', name: '' } : undefined
}

function isGone(hostIp: string, addresses: ReadonlySet<string>): boolean {
  const everywhere = hostIp === '' || hostIp === '0.0.0.0' || hostIp === '::'
  return !everywhere && !hostIp.startsWith('127.') && hostIp !== '::1' && !addresses.has(hostIp)
}

/** By number alone: a port that is taken on any address makes a poor suggestion. */
function nextFree({ hostPort, protocol }: PortQuestion, { rows, listeners }: Occupied, wanted: ReadonlySet<string>): number | undefined {
  const taken = new Set([
    ...listeners.filter((each) => each.protocol === protocol).map(({ port }) => port),
    ...rows.filter(holdsPorts).flatMap(({ ports }) => ports.map(questionOf).filter((each) => each.protocol === protocol).map((each) => each.hostPort)),
  ])
  for (let port = hostPort + 1; port <= LAST_PORT; port++) if (!taken.has(port) && !wanted.has(`${protocol} ${port}`)) return port
  return undefined
}
