/** Published ports as links. Pure. */
import type { PortConflict, PortMapping, PortProtocol, RowPort } from '../../../engine/contract/models.ts'

export interface PortLink {
  /** Unique among the ports of one container. */
  readonly key: string
  readonly hostIp: string
  readonly hostPort: number
  readonly containerPort: number
  readonly protocol: PortProtocol
  /** Other machines can reach it: bound to all addresses. */
  readonly exposed: boolean
  /** Address a browser can open; empty for what is not TCP. */
  readonly url: string
  /** `8080→80`, `127.0.0.1:5432→5432`, `53→53/udp` */
  readonly text: string
  /** The same without the address when that is the loopback or all: `5432→5432`. */
  readonly short: string
  /** Its container runs, but the port is not open on this machine: whoever answers there is somebody else. */
  readonly conflict?: PortConflict
}

const EVERYWHERE: ReadonlySet<string> = new Set(['', '0.0.0.0', '::'])

export const isEverywhere = (hostIp: string): boolean => EVERYWHERE.has(hostIp)

/** IPv6 addresses stand in brackets where a port follows. */
export const bracketed = (ip: string): string => (ip.includes(':') ? `[${ip}]` : ip)

/** Address that reaches a port bound to `hostIp` from this machine. */
export function addressOf(hostIp: string, hostPort: number): string {
  return `${isEverywhere(hostIp) ? 'localhost' : bracketed(hostIp)}:${hostPort}`
}

/** What a browser opens for a published port; empty when no browser can. */
export function portUrl(port: { readonly hostIp: string; readonly hostPort: number; readonly containerPort: number; readonly protocol: PortProtocol }): string {
  if (port.protocol !== 'tcp') return ''
  const secure = [port.containerPort, port.hostPort].some((number) => number === 443 || number === 8443)
  return `${secure ? 'https' : 'http'}://${addressOf(port.hostIp, port.hostPort)}`
}

export function mappingText(port: { readonly hostIp: string; readonly hostPort: number; readonly containerPort: number; readonly protocol: PortProtocol }): string {
  const host = isEverywhere(port.hostIp) ? String(port.hostPort) : `${bracketed(port.hostIp)}:${port.hostPort}`
  return `${host}→${port.containerPort}${port.protocol === 'tcp' ? '' : `/${port.protocol}`}`
}

export const isLoopback = (hostIp: string): boolean => hostIp.startsWith('127.') || hostIp === '::1'

/** Published ports; the same mapping on all IPv4 and all IPv6 addresses is one. */
export function portLinks(ports: readonly RowPort[]): PortLink[] {
  const links = new Map<string, PortLink>()
  for (const { hostIp, hostPort, containerPort, protocol, conflict } of ports) {
    if (hostPort === undefined || hostPort === 0) continue
    const ip = hostIp ?? ''
    const exposed = isEverywhere(ip)
    const key = `${exposed ? '*' : ip}:${hostPort}:${containerPort}/${protocol}`
    // What is closed in one family is what must be seen.
    if (links.has(key) && !conflict) continue
    const port = { hostIp: ip, hostPort, containerPort, protocol }
    links.set(key, { ...port, ...(conflict && { conflict }), key, exposed, url: conflict ? '' : portUrl(port), text: mappingText(port), short: mappingText(isLoopback(ip) ? { ...port, hostIp: '' } : port) })
  }
  return [...links.values()]
}

/** As a list shows them in little room: those that read the same are one, the one most can reach. */
export function shortLinks(ports: readonly RowPort[]): PortLink[] {
  const links = new Map<string, PortLink>()
  for (const link of portLinks(ports)) if (link.conflict || !links.has(link.short) || (link.exposed && !links.get(link.short)?.conflict)) links.set(link.short, link)
  return [...links.values()]
}

/** Exposed by the image but not published: reachable from other containers only. */
export function unpublished(ports: readonly PortMapping[]): PortMapping[] {
  const published = new Set(ports.filter((port) => port.hostPort).map((port) => `${port.containerPort}/${port.protocol}`))
  return ports.filter((port) => !port.hostPort && !published.has(`${port.containerPort}/${port.protocol}`))
}
