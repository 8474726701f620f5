/** Rows of the Ports screen: what containers publish, what others would, and everything else that listens. Pure. */
import type { ContainerRow, HostListener, PlannedPort, PortConflict, PortHolder, PortProtocol, PublishedPort } from '../../../engine/contract/models.ts'
import { holdsPorts } from '../../../engine/ports/overlap.ts'
import { addressOf, bracketed, isEverywhere, isLoopback, portLinks } from './mapping.ts'
import type { PortLink } from './mapping.ts'
import { reachOf } from './reach.ts'
import type { Reach } from './reach.ts'

export type PortGroup = 'conflict' | 'container' | 'program'

export interface PortRow {
  readonly id: string
  readonly group: PortGroup
  readonly port: number
  readonly protocol: PortProtocol
  /** Addresses it is bound to; more than one when a program listens on both families. */
  readonly ips: readonly string[]
  /** Other machines may reach it: bound to more than the loopback. */
  readonly exposed: boolean
  /** Container of the engine that is shown. */
  readonly container?: ContainerRow
  /** Who else it is, when it is none of those. */
  readonly holder?: PortHolder
  /** Port inside; absent for what is not published. */
  readonly inside?: number
  /** Absent: it listens, that is all that is known. */
  readonly reach?: Reach
  readonly conflict?: PortConflict
  /** A browser may open it: a container that runs, over TCP. */
  readonly url: string
  /** What is copied: the address as others would type it. */
  readonly address: string
}

export interface PortSources {
  readonly containers: readonly ContainerRow[]
  readonly listeners: readonly HostListener[]
  plannedOf(containerId: string): readonly PlannedPort[]
  probed(containerId: string, link: PortLink): PublishedPort | undefined
}

export function portRows({ containers, listeners, plannedOf, probed }: PortSources): PortRow[] {
  const byId = new Map(containers.map((row) => [row.id, row]))
  const published = containers.flatMap((container) => {
    const planned = holdsPorts(container) ? [] : plannedOf(container.id)
    const ports = planned.length > 0 ? planned.map(({ mapping }) => mapping) : container.ports
    return portLinks(ports).map((link) => ofContainer(container, link, planned, probed(container.id, link)))
  })
  const shown = new Set(published.filter((row) => row.container && holdsPorts(row.container)).map((row) => `${row.container?.id} ${row.protocol} ${row.port}`))
  const others = listeners.filter(({ protocol, port, holder }) => holder.engineId !== undefined || !shown.has(`${holder.containerId} ${protocol} ${port}`))
  return [...published, ...merged(others).map((group) => ofListener(group, byId))]
}

const reachable = (ips: readonly string[]): boolean => ips.some((ip) => !isLoopback(ip))

function ofContainer(container: ContainerRow, link: PortLink, planned: readonly PlannedPort[], probed: PublishedPort | undefined): PortRow {
  const conflict = link.conflict ?? conflictOf(planned, link)
  return {
    id: `${container.id} ${link.key}`,
    group: conflict ? 'conflict' : 'container',
    port: link.hostPort,
    protocol: link.protocol,
    ips: [link.hostIp || '0.0.0.0'],
    exposed: reachable([link.hostIp]),
    container,
    inside: link.containerPort,
    reach: reachOf(container.state, probed),
    ...(conflict && { conflict }),
    url: container.state === 'running' ? link.url : '',
    address: link.url !== '' && container.state === 'running' ? link.url : addressOf(link.hostIp, link.hostPort),
  }
}

/** What is in the way of a link, of what its container would publish. */
export const conflictOf = (planned: readonly PlannedPort[], link: PortLink): PortConflict | undefined =>
  planned.find(({ mapping, conflict }) => conflict && sameBinding(mapping, link))?.conflict

const sameBinding = (mapping: PlannedPort['mapping'], link: PortLink): boolean =>
  mapping.hostPort === link.hostPort && mapping.protocol === link.protocol && mapping.containerPort === link.containerPort &&
  (mapping.hostIp === link.hostIp || (isEverywhere(mapping.hostIp) && link.exposed))

/** Sockets of one holder on one port, each with its address, are one line. */
function merged(listeners: readonly HostListener[]): HostListener[][] {
  const groups = new Map<string, HostListener[]>()
  for (const listener of listeners) {
    const { protocol, port, holder } = listener
    const key = `${protocol} ${port} ${holder.kind} ${holder.engineId ?? ''} ${holder.containerId ?? holder.pid ?? holder.user ?? ''}`
    groups.set(key, [...(groups.get(key) ?? []), listener])
  }
  return [...groups.values()]
}

function ofListener(group: readonly HostListener[], byId: ReadonlyMap<string, ContainerRow>): PortRow {
  const [{ protocol, port, holder }] = group as [HostListener]
  const container = holder.engineId === undefined && holder.containerId ? byId.get(holder.containerId) : undefined
  const ips = group.map(({ ip }) => ip)
  return {
    id: `listener ${protocol} ${port} ${holder.containerId ?? holder.pid ?? holder.user ?? ''} ${ips.join()}`,
    group: holder.kind === 'container' ? 'container' : 'program',
    port,
    protocol,
    ips,
    exposed: reachable(ips),
    ...(container && { container }),
    holder,
    url: '',
    address: addressOf(ips.find(isLoopback) ?? ips[0] ?? '', port),
  }
}

export interface PortFilter {
  readonly words: string
  readonly containers: boolean
  readonly programs: boolean
  readonly exposed: boolean
  readonly conflicts: boolean
}

export const NO_FILTER: PortFilter = { words: '', containers: false, programs: false, exposed: false, conflicts: false }
export const isFiltering = (filter: PortFilter): boolean => filter.words.trim() !== '' || filter.containers || filter.programs || filter.exposed || filter.conflicts

/** @param textOf what a row says, in lower case: words are looked for in it */
export function filterRows(rows: readonly PortRow[], filter: PortFilter, textOf: (row: PortRow) => string): readonly PortRow[] {
  if (!isFiltering(filter)) return rows
  const words = filter.words.toLowerCase().split(/\s+/).filter(Boolean)
  return rows.filter((row) => {
    // The two kinds are alternatives; the others narrow.
    if (filter.containers !== filter.programs && (row.group === 'program') !== filter.programs) return false
    if (filter.exposed && !row.exposed) return false
    if (filter.conflicts && !row.conflict) return false
    const text = words.length > 0 ? textOf(row) : ''
    return words.every((word) => text.includes(word))
  })
}

/** `0.0.0.0:80, [::]:80` as search and tooltips have them. */
export const boundText = ({ ips, port }: Pick<PortRow, 'ips' | 'port'>): string => ips.map((ip) => `${bracketed(ip)}:${port}`).join(', ')
