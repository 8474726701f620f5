/** One container in full, from the engine's inspect answer. Pure but for the request. */
import type { ContainerDetail, EnvVar, HealthStatus, PortMapping, PortProtocol, RestartPolicy } from '../contract/models.ts'
import type { RawContainerInspect, RawPortBinding } from '../docker/api-types.ts'
import { healthCheckOf } from './health.ts'
import { containerState, familiarName, imageIdOf, momentOf, timeOf } from '../state/normalise.ts'

/** Log drivers that keep nothing to read back; for all others the engine keeps lines (or a cache of them) itself. */
const UNREADABLE_DRIVERS: ReadonlySet<string> = new Set(['none', 'passthrough'])
const HEALTH: ReadonlySet<string> = new Set(['starting', 'healthy', 'unhealthy'])
const POLICIES: ReadonlySet<string> = new Set(['no', 'always', 'unless-stopped', 'on-failure'])

export function containerDetail(raw: RawContainerInspect): ContainerDetail {
  const { State, Config, HostConfig, NetworkSettings } = raw
  const health = State.Health?.Status ?? ''
  const logDriver = HostConfig?.LogConfig?.Type ?? ''
  const startedAt = momentOf(State.StartedAt)
  const finishedAt = momentOf(State.FinishedAt)
  return {
    id: raw.Id,
    name: raw.Name.replace(/^\//, ''),
    image: familiarName(Config.Image ?? ''),
    imageId: imageIdOf(raw.Image),
    state: containerState(State.Status),
    health: HEALTH.has(health) ? (health as HealthStatus) : 'none',
    exitCode: State.ExitCode,
    oomKilled: State.OOMKilled ?? false,
    error: State.Error ?? '',
    ...(startedAt !== undefined && { startedAt }),
    ...(finishedAt !== undefined && { finishedAt }),
    createdAt: timeOf(raw.Created),
    restartCount: raw.RestartCount ?? 0,
    tty: Config.Tty ?? false,
    interactive: Config.OpenStdin ?? false,
    command: commandOf(raw),
    env: (Config.Env ?? []).map(envVar),
    ports: detailPorts(raw),
    mounts: (raw.Mounts ?? []).map(({ Type, Name, Source, Destination, RW }) => ({
      type: Type ?? '',
      source: Name || Source || '',
      target: Destination ?? '',
      readOnly: RW === false,
    })),
    networks: Object.entries(NetworkSettings?.Networks ?? {}).map(([name, network]) => ({
      name,
      ipAddress: network?.IPAddress ?? '',
      aliases: network?.Aliases ?? [],
    })),
    labels: Config.Labels ?? {},
    restartPolicy: policyOf(HostConfig?.RestartPolicy),
    limits: {
      memoryBytes: HostConfig?.Memory ?? 0,
      memorySwapBytes: HostConfig?.MemorySwap ?? 0,
      cpus: (HostConfig?.NanoCpus ?? 0) / 1e9,
      pidsLimit: Math.max(0, HostConfig?.PidsLimit ?? 0),
    },
    autoRemove: HostConfig?.AutoRemove ?? false,
    logDriver,
    logsReadable: !UNREADABLE_DRIVERS.has(logDriver),
    ...healthPart(raw),
    raw,
  }
}

function healthPart({ Config, State }: RawContainerInspect): Pick<ContainerDetail, 'healthCheck'> {
  const healthCheck = healthCheckOf(Config.Healthcheck, State.Health)
  return healthCheck ? { healthCheck } : {}
}

/** Entrypoint and command. Podman repeats the program in `Args` when there is no entrypoint, so those come second. */
function commandOf({ Config, Path, Args }: RawContainerInspect): string[] {
  const configured = [Config.Entrypoint ?? [], Config.Cmd ?? []].flat()
  return configured.length > 0 ? configured : [...(Path ? [Path] : []), ...(Args ?? [])]
}

/** `NAME=value`; without `=` the name alone. */
export function envVar(entry: string): EnvVar {
  const equals = entry.indexOf('=')
  return equals < 0 ? { name: entry, value: '' } : { name: entry.slice(0, equals), value: entry.slice(equals + 1) }
}

/** `80/tcp` → port and protocol; null when it is neither. */
export function exposedPort(key: string): { port: number; protocol: PortProtocol } | null {
  const [, port, protocol = 'tcp'] = /^(\d{1,5})(?:\/(tcp|udp|sctp))?$/.exec(key) ?? []
  return port === undefined ? null : { port: Number(port), protocol: protocol as PortProtocol }
}

/** Live mappings while it runs; else what it will have when started; else what is only exposed. */
function detailPorts({ Config, HostConfig, NetworkSettings }: RawContainerInspect): PortMapping[] {
  const exposed = Object.fromEntries(Object.keys(Config.ExposedPorts ?? {}).map((key) => [key, null]))
  const live = NetworkSettings?.Ports ?? {}
  const hasLive = Object.values(live).some((bindings) => bindings && bindings.length > 0)
  const all: Readonly<Record<string, readonly RawPortBinding[] | null>> = {
    ...exposed,
    ...(hasLive ? live : HostConfig?.PortBindings),
  }
  return Object.entries(all).flatMap(([key, bindings]) => {
    const target = exposedPort(key)
    if (!target) return []
    const base = { containerPort: target.port, protocol: target.protocol }
    if (!bindings || bindings.length === 0) return [base]
    return bindings.map(({ HostIp, HostPort }) => {
      const hostPort = Number(HostPort)
      // Empty or a range: the engine chooses at the next start.
      return Number.isInteger(hostPort) && hostPort > 0 ? { ...base, hostIp: HostIp || '0.0.0.0', hostPort } : base
    })
  })
}

function policyOf(raw: { readonly Name?: string; readonly MaximumRetryCount?: number } | null | undefined): RestartPolicy {
  const name = raw?.Name ?? ''
  if (!POLICIES.has(name)) return { name: 'no' }
  const policy = name as RestartPolicy['name']
  return policy === 'on-failure' ? { name: policy, maximumRetryCount: raw?.MaximumRetryCount ?? 0 } : { name: policy }
}
