/** Ports and networks of a create. Pure. */
import type { NetworkSpec, PortSpec, RunSpec } from '../../contract/models.ts'
import type { RawPortBinding } from '../../docker/api-types.ts'
import { bindingsOverlap } from '../../ports/overlap.ts'
import { formatPortSpec, parsePortSpecs } from '../../ports/spec.ts'
import { isUserDefined, parseExpose, parseExtraHost } from '../values/network.ts'
import { inField, refuse } from './refuse.ts'

/** Ports with ranges spread out, checked as the docker CLI checks them. @throws NaruError `invalid-request` {field, spec} */
export function expandPorts(ports: readonly PortSpec[]): PortSpec[] {
  return ports.flatMap((port) => inField('ports', () => parsePortSpecs([formatPortSpec(port)])))
}

interface Ports {
  readonly exposed: Record<string, Record<string, never>>
  readonly bindings: Record<string, RawPortBinding[]>
}

/** ExposedPorts and PortBindings. */
export function portMembers(spec: RunSpec): Ports {
  const ports = expandPorts(spec.ports)
  refuseDoubles(ports)
  const bindings: Record<string, RawPortBinding[]> = {}
  for (const port of ports) {
    const list = (bindings[`${port.containerPort}/${port.protocol}`] ??= [])
    list.push({ HostIp: port.hostIp, HostPort: port.hostPort })
  }
  const exposed = inField('expose', () => (spec.expose ?? []).flatMap(parseExpose))
  return { exposed: Object.fromEntries([...Object.keys(bindings), ...exposed].map((port) => [port, {}])), bindings }
}

/** One host port cannot lead to two places; the engine would only say that somebody has it. */
function refuseDoubles(ports: readonly PortSpec[]): void {
  for (const [index, port] of ports.entries()) {
    if (!/^[1-9]\d*$/.test(port.hostPort)) continue
    const clash = (other: PortSpec) =>
      other.hostPort === port.hostPort && other.protocol === port.protocol && bindingsOverlap(other.hostIp, port.hostIp)
    if (!ports.slice(0, index).some(clash)) continue
    throw refuse('ports', 'port.duplicate', `host port ${port.hostPort} is asked for twice`, { port: port.hostPort })
  }
}

/** The first network and how the container is attached to each. */
export function networkMembers(spec: RunSpec): { readonly mode: string; readonly endpoints: Record<string, unknown> } {
  const networks = spec.networks ?? []
  const mode = networks[0]?.name ?? 'default'
  const endpoints = networks.map((network, index) => [network.name, endpoint(network, index === 0 ? (spec.links ?? []) : [])] as const)
  if (networks.length === 0) return { mode, endpoints: { default: {} } }
  const [first] = endpoints
  // A network alone and without options is attached by the mode.
  if (endpoints.length === 1 && first && Object.keys(first[1]).length === 0) return { mode, endpoints: {} }
  return { mode, endpoints: Object.fromEntries(endpoints) }
}

function endpoint(network: NetworkSpec, links: readonly string[]): Record<string, unknown> {
  const { ip, ip6, linkLocalIps, aliases, macAddress, driverOptions, gatewayPriority } = network
  const addresses = {
    ...(ip && { IPv4Address: ip }),
    ...(ip6 && { IPv6Address: ip6 }),
    ...(linkLocalIps && linkLocalIps.length > 0 && { LinkLocalIPs: linkLocalIps }),
  }
  return {
    ...(Object.keys(addresses).length > 0 && { IPAMConfig: addresses }),
    ...(links.length > 0 && isUserDefined(network.name) && { Links: links }),
    ...(aliases && aliases.length > 0 && { Aliases: aliases }),
    ...(macAddress && { MacAddress: macAddress }),
    ...(driverOptions && { DriverOpts: driverOptions }),
    ...(gatewayPriority && { GwPriority: gatewayPriority }),
  }
}

/** Names and addresses the container knows. */
export function resolverMembers(spec: RunSpec): Record<string, unknown> {
  return {
    Links: spec.links ?? null,
    Dns: spec.dns ?? [],
    DnsSearch: spec.dnsSearch ?? [],
    DnsOptions: spec.dnsOptions ?? [],
    ExtraHosts: spec.extraHosts ? inField('extraHosts', () => (spec.extraHosts ?? []).map(parseExtraHost)) : null,
  }
}
