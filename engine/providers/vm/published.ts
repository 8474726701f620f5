/** Ports that containers publish, out of the engine's own list. Pure. */
import type { MuxTarget } from './mux.ts'

export interface PublishedPort {
  /** Address of the host it is asked for: `127.0.0.1`, `0.0.0.0`, `::`… */
  readonly address: string
  readonly port: number
  readonly protocol: 'tcp' | 'udp'
  readonly containerId: string
  /** Where it is answered in the guest. */
  readonly target: MuxTarget
}

/** One name per listener: address, port and protocol. */
export const portKey = ({ address, port, protocol }: Pick<PublishedPort, 'address' | 'port' | 'protocol'>): string => `${protocol}/${address}/${port}`

const isPort = (value: unknown): value is number => typeof value === 'number' && Number.isInteger(value) && value > 0 && value < 65_536
const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''

/** Containers of an answer to `GET /containers/json`: those that run, paused or restarting ones among them. */
export const runningCount = (answer: unknown): number => (Array.isArray(answer) ? answer.length : 0)

/**
 * The engine's proxy listens in the guest where it was asked to. Loopback and all addresses are the guest's own as well;
 * any other is the host's alone, nothing in the guest would lead there, and so the container itself is spoken to.
 */
function targetOf(address: string, port: number, protocol: 'tcp' | 'udp', inside: { readonly ip: string; readonly port: number } | null): MuxTarget | null {
  if (address === '0.0.0.0') return `${protocol}:127.0.0.1:${port}`
  if (address === '::' || address === '::1') return `${protocol}:[::1]:${port}`
  if (address.startsWith('127.')) return `${protocol}:${address}:${port}`
  return inside && `${protocol}:${inside.ip}:${inside.port}`
}

function readPort(value: unknown, containerId: string, ip: string | null): PublishedPort | null {
  if (typeof value !== 'object' || value === null) return null
  const { IP, PublicPort: port, PrivatePort: privatePort, Type: protocol } = value as Record<string, unknown>
  if (!isPort(port) || (protocol !== 'tcp' && protocol !== 'udp')) return null
  const address = isText(IP) ? IP : '0.0.0.0'
  const target = targetOf(address, port, protocol, ip !== null && isPort(privatePort) ? { ip, port: privatePort } : null)
  return target && { address, port, protocol, containerId, target }
}

/** An address of the container that the guest reaches: of any of its networks. */
function addressOf(settings: unknown): string | null {
  const { Networks: networks } = Object(settings) as Record<string, unknown>
  const addresses = Object.values(Object(networks) as Record<string, unknown>).map((each) => (Object(each) as Record<string, unknown>)['IPAddress'])
  return addresses.find((each): each is string => isText(each) && /^[\d.]+$/.test(each)) ?? null
}

/** Ports of an answer to `GET /containers/json`; each listener once. What makes no sense is left out. */
export function publishedPorts(answer: unknown): readonly PublishedPort[] {
  if (!Array.isArray(answer)) return []
  const found = answer.flatMap((container: unknown) => {
    const { Id: id, Ports: ports, NetworkSettings: settings } = Object(container) as Record<string, unknown>
    if (typeof id !== 'string' || !Array.isArray(ports)) return []
    return ports.flatMap((each: unknown) => readPort(each, id, addressOf(settings)) ?? [])
  })
  return [...new Map(found.map((each) => [portKey(each), each])).values()]
}
