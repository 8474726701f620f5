/** Who is behind a listener: a container when one is known to be, else the process, else the user. Pure. */
import type { ContainerRow, HostListener, PortHolder } from '../contract/models.ts'
import { addressesOverlap, bindingsOverlap, holdsPorts } from './overlap.ts'
import type { Listener } from './proc-net.ts'
import type { SocketOwner } from './socket-owners.ts'

export interface EngineRows {
  readonly engineId: string
  readonly rows: readonly ContainerRow[]
}

/** Programs that hold a port in the name of a container. Kernel names end after 15 letters. */
const PROXY = /^(?:docker-proxy|dockerd|containerd\S*|conmon|podman|rootlesskit\S*|rootlessport\S*|exe|slirp4netns|pasta\S*|passt\S*|vpnkit\S*|nsenter)$/

export function ownerAsHolder({ pid, name, command, containerId, target }: SocketOwner): PortHolder {
  return { kind: 'process', pid, name, ...(command && { command }), ...(containerId && { containerId }), ...(target && { target }) }
}

/** A process that may not be looked at: at least whose it is. */
export function unknownHolder({ uid }: Listener, users: ReadonlyMap<number, string>): PortHolder {
  return { kind: 'unknown', name: '', user: users.get(uid) ?? String(uid) }
}

/** A process that runs in one of these containers is that container; another one's id says nothing to anybody. */
export function inContainer(holder: PortHolder, rows: readonly ContainerRow[]): PortHolder {
  if (holder.kind !== 'process' || !holder.containerId) return holder
  const { containerId, ...process } = holder
  const row = rows.find(({ id }) => id === containerId)
  return row ? { kind: 'container', containerId, name: row.name, ...(holder.pid !== undefined && { pid: holder.pid }) } : process
}

export interface Machine {
  /** Absent: no engine is asked about. */
  readonly engineId?: string
  readonly rows: readonly ContainerRow[]
  /** Last known rows of other engines. */
  readonly others: readonly EngineRows[]
  readonly owners: ReadonlyMap<number, SocketOwner>
  readonly users: ReadonlyMap<number, string>
}

interface Publication {
  readonly ip: string
  readonly holder: PortHolder
}

/** Each listener once: sockets of one process on one address (workers of a server, groups of multicast) are one. */
export function attribute(listeners: readonly Listener[], machine: Machine): HostListener[] {
  const published = publications(machine)
  const byKey = new Map<string, HostListener>()
  for (const listener of listeners) {
    const { protocol, ip, port } = listener
    const holder = holderOf(listener, published.get(`${protocol} ${port}`) ?? [], machine)
    const key = `${protocol} ${ip} ${port} ${holder.kind} ${holder.engineId ?? ''} ${holder.containerId ?? holder.pid ?? holder.user ?? ''}`
    if (!byKey.has(key)) byKey.set(key, { protocol, ip, port, holder })
  }
  return [...byKey.values()].sort((a, b) => a.port - b.port || a.protocol.localeCompare(b.protocol) || a.ip.localeCompare(b.ip))
}

/** Ports that containers publish now, by protocol and number; those of the engine asked about first. */
function publications({ rows, others }: Machine): ReadonlyMap<string, readonly Publication[]> {
  const byPort = new Map<string, Publication[]>()
  for (const { engineId, rows: theirs } of [{ engineId: undefined, rows }, ...others]) {
    for (const row of theirs.filter(holdsPorts)) {
      for (const { hostIp = '', hostPort, protocol } of row.ports) {
        if (!hostPort) continue
        const key = `${protocol} ${hostPort}`
        const holder: PortHolder = { kind: 'container', containerId: row.id, name: row.name, ...(engineId && { engineId }) }
        byPort.set(key, [...(byPort.get(key) ?? []), { ip: hostIp, holder }])
      }
    }
  }
  return byPort
}

function holderOf(listener: Listener, published: readonly Publication[], { rows, others, owners, users }: Machine): PortHolder {
  const owner = owners.get(listener.inode)
  const proxied = owner !== undefined && PROXY.test(owner.name)
  // What a proxy holds is its container's, whoever runs the proxy; what nobody may look at is the one that publishes it.
  if (!owner || proxied) {
    const overlap = proxied ? addressesOverlap : bindingsOverlap
    const found = published.find(({ ip }) => ip === listener.ip) ?? published.find(({ ip }) => overlap(ip, listener.ip))
    if (found) return found.holder
  }
  if (!owner) return unknownHolder(listener, users)
  const holder = ownerAsHolder(owner)
  const own = inContainer(holder, rows)
  if (own.kind === 'container' || !holder.containerId) return own
  for (const { engineId, rows: theirs } of others) {
    const other = inContainer(holder, theirs)
    if (other.kind === 'container') return { ...other, engineId }
  }
  return own
}
