/** Ports that containers publish, out of the engine's own list. Pure. */

export interface PublishedPort {
  /** Address of the host it is asked for: `127.0.0.1`, `0.0.0.0`, `::`… */
  readonly address: string
  readonly port: number
  readonly protocol: 'tcp' | 'udp'
  readonly containerId: string
}

/** One name per listener: address, port and protocol. */
export const portKey = ({ address, port, protocol }: PublishedPort): string => `${protocol}/${address}/${port}`

const isPort = (value: unknown): value is number => typeof value === 'number' && Number.isInteger(value) && value > 0 && value < 65_536

/** Containers of an answer to `GET /containers/json`: those that run, paused or restarting ones among them. */
export const runningCount = (answer: unknown): number => (Array.isArray(answer) ? answer.length : 0)

function readPort(value: unknown, containerId: string): PublishedPort | null {
  if (typeof value !== 'object' || value === null) return null
  const { IP: address, PublicPort: port, Type: protocol } = value as Record<string, unknown>
  if (!isPort(port) || (protocol !== 'tcp' && protocol !== 'udp')) return null
  return { address: typeof address === 'string' && address !== '' ? address : '0.0.0.0', port, protocol, containerId }
}

/** Ports of an answer to `GET /containers/json`; each listener once. What makes no sense is left out. */
export function publishedPorts(answer: unknown): readonly PublishedPort[] {
  if (!Array.isArray(answer)) return []
  const found = answer.flatMap((container: unknown) => {
    const { Id: id, Ports: ports } = Object(container) as Record<string, unknown>
    if (typeof id !== 'string' || !Array.isArray(ports)) return []
    return ports.flatMap((each: unknown) => readPort(each, id) ?? [])
  })
  return [...new Map(found.map((each) => [portKey(each), each])).values()]
}
