/** Which addresses compete for the same port. Pure. */
import type { ContainerRow, PortMapping, PortProtocol } from '../contract/models.ts'

export interface PortQuestion {
  /** Empty, `0.0.0.0` and `::` mean every address. */
  readonly hostIp: string
  readonly hostPort: number
  readonly protocol: PortProtocol
}

/** States in which a container holds its published ports. */
const HOLDING: ReadonlySet<string> = new Set(['running', 'paused', 'restarting'])

export function holdsPorts(row: ContainerRow): boolean {
  return HOLDING.has(row.state)
}

function familyOf(ip: string): 'any' | 4 | 6 {
  if (ip === '') return 'any'
  return ip.includes(':') ? 6 : 4
}

const isWildcard = (ip: string): boolean => ip === '' || ip === '0.0.0.0' || ip === '::'

/** `::` is taken to cover IPv4 too, as it does for a listener unless it says otherwise. */
export function addressesOverlap(a: string, b: string): boolean {
  if (a === b || a === '' || b === '' || a === '::' || b === '::') return true
  return familyOf(a) === familyOf(b) && (isWildcard(a) || isWildcard(b))
}

function competes(mapping: PortMapping, question: PortQuestion): boolean {
  return (
    mapping.hostPort === question.hostPort &&
    mapping.protocol === question.protocol &&
    bindingsOverlap(mapping.hostIp ?? '', question.hostIp)
  )
}

/** As the engine binds: `::` is IPv6 alone (a dual-stack port is two bindings), only an empty address is both. */
export function bindingsOverlap(a: string, b: string): boolean {
  return a === b || a === '' || b === '' || (familyOf(a) === familyOf(b) && (isWildcard(a) || isWildcard(b)))
}

/** The first container that holds what is asked for. */
export function findPublisher(rows: readonly ContainerRow[], question: PortQuestion): ContainerRow | undefined {
  return rows.find((row) => holdsPorts(row) && row.ports.some((mapping) => competes(mapping, question)))
}
