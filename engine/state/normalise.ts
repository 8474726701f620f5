/**
 * Engine answers into rows. Everything in which Docker and Podman differ (missing addresses, nulls, qualified names,
 * ids without algorithm) ends here. Pure.
 */
import type {
  ContainerRow,
  ContainerState,
  HealthStatus,
  ImageRow,
  PortMapping,
  PortProtocol,
} from '../contract/models.ts'
import type { RawContainerInspect, RawContainerListItem, RawImageListItem, RawPort } from '../docker/api-types.ts'
import { formatReference, parseReference } from '../images/reference.ts'

const STATES: ReadonlyMap<string, ContainerState> = new Map(Object.entries({
  created: 'created',
  configured: 'created',
  initialized: 'created',
  running: 'running',
  paused: 'paused',
  restarting: 'restarting',
  removing: 'removing',
  stopping: 'running',
  exited: 'exited',
  stopped: 'exited',
  dead: 'dead',
}))

/** Docker's word for a state, Podman's included. What nobody knows counts as dead: it can only be removed. */
export function containerState(text: string): ContainerState {
  return STATES.get(text.toLowerCase()) ?? 'dead'
}

/** Health as the status text tells it: `Up 2 hours (healthy)`, `Up 3 seconds (health: starting)`. */
export function healthOf(status: string): HealthStatus {
  const found = /\((?:health: )?(starting|healthy|unhealthy)\)/.exec(status)?.[1]
  return (found as HealthStatus | undefined) ?? 'none'
}

/** Exit code as the status text tells it: `Exited (137) 4 minutes ago`, `Restarting (1) 5 seconds ago`. */
export function exitCodeOf(status: string): number | undefined {
  const found = /^(?:Exited|Restarting) \((-?\d+)\)/.exec(status)?.[1]
  return found === undefined ? undefined : Number(found)
}

/** An id as Docker writes image ids: `sha256:` in front. */
export function imageIdOf(id: string): string {
  return /^[0-9a-f]{64}$/.test(id) ? `sha256:${id}` : id
}

/** `docker.io/library/nginx:1` as people write it, `nginx:1`; ids and what is no reference stay as they are. */
export function familiarName(reference: string): string {
  if (/^(sha256:)?[0-9a-f]{12,64}$/.test(reference)) return reference
  try {
    return formatReference(parseReference(reference))
  } catch {
    return reference
  }
}

/** The container's own name: links give it others with a slash inside. */
function nameOf(names: readonly string[] | null | undefined): string {
  const plain = (names ?? []).map((name) => name.replace(/^\//, ''))
  return plain.find((name) => !name.includes('/')) ?? plain[0] ?? ''
}

/** Milliseconds since 1970 of the API's seconds or ISO text; 0 when it is neither. */
export function timeOf(value: number | string | undefined): number {
  if (typeof value === 'number') return value * 1000
  const parsed = value === undefined ? Number.NaN : Date.parse(value)
  return Number.isNaN(parsed) ? 0 : parsed
}

/** Like {@link timeOf} for fields where the engine writes the year 1 for "never". */
export function momentOf(value: string | undefined): number | undefined {
  const time = timeOf(value)
  return time > 0 ? time : undefined
}

const protocolOf = (text: string): PortProtocol => (text === 'udp' || text === 'sctp' ? text : 'tcp')

/** Port mappings in a steady order, without exact repetitions. IPv4 and IPv6 stay apart: formatting merges them. */
export function portsOf(ports: readonly RawPort[] | null | undefined): PortMapping[] {
  const byKey = new Map<string, PortMapping>()
  for (const port of ports ?? []) {
    const mapping: PortMapping = {
      containerPort: port.PrivatePort,
      protocol: protocolOf(port.Type),
      // Podman leaves the address out when it means all of them.
      ...(port.PublicPort && { hostIp: port.IP || '0.0.0.0', hostPort: port.PublicPort }),
    }
    byKey.set(`${mapping.containerPort}/${mapping.protocol} ${mapping.hostIp}:${mapping.hostPort}`, mapping)
  }
  return [...byKey.values()].sort(
    (a, b) =>
      a.containerPort - b.containerPort ||
      a.protocol.localeCompare(b.protocol) ||
      (a.hostPort ?? 0) - (b.hostPort ?? 0) ||
      (a.hostIp ?? '').localeCompare(b.hostIp ?? ''),
  )
}

/** A container's row, from the list. Start and end are only in inspect: see state/exit-info.ts. */
export function containerRow(raw: RawContainerListItem): ContainerRow {
  const state = containerState(raw.State)
  const labels = raw.Labels ?? {}
  const project = labels['com.docker.compose.project'] ?? labels['io.podman.compose.project']
  const service = labels['com.docker.compose.service'] ?? labels['io.podman.compose.service']
  const exitCode = state === 'exited' || state === 'dead' || state === 'restarting' ? exitCodeOf(raw.Status) : undefined
  return {
    id: raw.Id,
    name: nameOf(raw.Names),
    image: familiarName(raw.Image),
    imageId: imageIdOf(raw.ImageID),
    command: raw.Command ?? '',
    createdAt: timeOf(raw.Created),
    state,
    health: state === 'running' ? healthOf(raw.Status) : 'none',
    status: raw.Status,
    ...(exitCode !== undefined && { exitCode }),
    ports: portsOf(raw.Ports),
    labels,
    ...(project && { project }),
    ...(service && { service }),
    networks: Object.keys(raw.NetworkSettings?.Networks ?? {}).sort(),
    mounts: (raw.Mounts ?? []).map((mount) => mount.Name || mount.Source || mount.Destination || '').filter(Boolean),
  }
}

/** What only inspect tells about a container's last run. */
export type RunInfo = Pick<ContainerRow, 'exitCode' | 'oomKilled' | 'startedAt' | 'finishedAt'>

/** The run a container is in, or the one that ended. */
export function runInfo(raw: RawContainerInspect): RunInfo {
  const { State } = raw
  const state = containerState(State.Status)
  const ended = state === 'exited' || state === 'dead'
  const startedAt = momentOf(State.StartedAt)
  const finishedAt = ended ? momentOf(State.FinishedAt) : undefined
  return {
    ...(startedAt !== undefined && { startedAt }),
    ...(finishedAt !== undefined && { finishedAt }),
    ...(ended && { exitCode: State.ExitCode, oomKilled: State.OOMKilled ?? false }),
  }
}

const NO_TAG = '<none>'

/** An image's row, from the list. */
export function imageRow(raw: RawImageListItem): ImageRow {
  const tags = (raw.RepoTags ?? []).filter((tag) => !tag.includes(NO_TAG)).map(familiarName)
  const digests = (raw.RepoDigests ?? []).filter((digest) => !digest.includes(NO_TAG)).map(familiarName)
  return {
    id: imageIdOf(raw.Id),
    tags: tags.sort(),
    digests,
    createdAt: timeOf(raw.Created),
    sizeBytes: raw.Size,
    ...(raw.SharedSize !== undefined && raw.SharedSize >= 0 && { sharedBytes: raw.SharedSize }),
    dangling: tags.length === 0,
    labels: raw.Labels ?? {},
  }
}
