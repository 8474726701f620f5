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

/** Would both want the same binding of the engine? */
export function questionsOverlap(a: PortQuestion, b: PortQuestion): boolean {
  return a.hostPort === b.hostPort && a.protocol === b.protocol && bindingsOverlap(a.hostIp, b.hostIp)
}

/** As the engine binds: `::` is IPv6 alone (a dual-stack port is two bindings), only an empty address is both. */
export function bindingsOverlap(a: string, b: string): boolean {
  return a === b || a === '' || b === '' || (familyOf(a) === familyOf(b) && (isWildcard(a) || isWildcard(b)))
}

export const questionOf = ({ hostIp, hostPort, protocol }: PortMapping): PortQuestion => ({ hostIp: hostIp ?? '', hostPort: hostPort ?? 0, protocol })

/** The first container that holds what is asked for. */
export function findPublisher(rows: readonly ContainerRow[], question: PortQuestion): ContainerRow | undefined {
  return rows.find((row) => holdsPorts(row) && row.ports.some((mapping) => questionsOverlap(questionOf(mapping), question)))
}
