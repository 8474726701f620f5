/** From what the run panel asks for to the body of `POST /containers/create`. Pure. */
import { NaruError } from '../contract/errors.ts'
import type { PortSpec, RunSpec, VolumeSpec } from '../contract/models.ts'
import type { RawCreateBody, RawPortBinding } from '../docker/api-types.ts'
import { bindingsOverlap } from '../ports/overlap.ts'
import { formatPortSpec, parsePortSpecs } from '../ports/spec.ts'
import { fitsShortVolume } from './run-command.ts'

/** Names the engine takes for containers. */
const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/
const VOLUME_NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/

/**
 * @param image reference or id, as the engine is to look it up
 * @throws NaruError `invalid-request` with params {field}: `name`, `ports`, `env`, `volumes`, `restart`
 */
export function createBody(spec: RunSpec, image: string): RawCreateBody {
  checkName(spec.name)
  const ports = expandPorts(spec.ports)
  refuseDoubles(ports)
  const short = spec.volumes.filter((volume) => volume.source !== '' && fitsShortVolume(volume))
  const anonymous = spec.volumes.filter((volume) => volume.source === '' && fitsShortVolume(volume))
  const long = spec.volumes.filter((volume) => !fitsShortVolume(volume))
  for (const volume of spec.volumes) checkVolume(volume)
  return {
    Image: image,
    ...(spec.command && spec.command.length > 0 && { Cmd: spec.command }),
    // A name given twice counts once, with its last value, as for the docker CLI: a process would see the first.
    Env: [...new Map(spec.env.map((variable) => [variable.name, envEntry(variable)])).values()],
    Labels: spec.labels ?? {},
    ExposedPorts: Object.fromEntries(ports.map((port) => [portKey(port), {}])),
    ...(anonymous.length > 0 && { Volumes: Object.fromEntries(anonymous.map(({ target }) => [target, {}])) }),
    HostConfig: {
      PortBindings: bindingsOf(ports),
      Binds: short.map(({ source, target, readOnly }) => `${source}:${target}${readOnly ? ':ro' : ''}`),
      ...(long.length > 0 && { Mounts: long.map(mountOf) }),
      RestartPolicy: restartPolicy(spec),
      AutoRemove: spec.autoRemove,
    },
  }
}

/** Ports with ranges spread out, checked as the docker CLI checks them. @throws NaruError `invalid-request` {field, spec} */
export function expandPorts(ports: readonly PortSpec[]): PortSpec[] {
  return ports.flatMap((port) => {
    try {
      return parsePortSpecs([formatPortSpec(port)])
    } catch (error) {
      if (!(error instanceof NaruError)) throw error
      const { message, params, hint } = error
      throw new NaruError('invalid-request', message, { params: { ...params, field: 'ports' }, hint })
    }
  })
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

/** Refuses what the engine would refuse, before anything is pulled. */
export function checkName(name: string | undefined): void {
  if (name && !NAME.test(name)) throw refuse('name', 'name.format', `invalid container name (${name})`, { name })
}

function portKey({ containerPort, protocol }: PortSpec): string {
  return `${containerPort}/${protocol}`
}

function bindingsOf(ports: readonly PortSpec[]): Record<string, RawPortBinding[]> {
  const bindings: Record<string, RawPortBinding[]> = {}
  for (const port of ports) {
    const list = (bindings[portKey(port)] ??= [])
    list.push({ HostIp: port.hostIp, HostPort: port.hostPort })
  }
  return bindings
}

function envEntry({ name, value }: { readonly name: string; readonly value: string }): string {
  if (name === '' || name.includes('=')) throw refuse('env', 'env.name', `invalid environment variable name "${name}"`, { name })
  return `${name}=${value}`
}

function checkVolume({ source, target }: VolumeSpec): void {
  if (!target.startsWith('/') || target === '/') {
    throw refuse('volumes', 'volume.target', `the path in the container must be absolute and not /: "${target}"`, { path: target })
  }
  if (source === '' || source.startsWith('/') || VOLUME_NAME.test(source)) return
  throw refuse('volumes', 'volume.source', `neither an absolute path nor a volume name: "${source}"`, { path: source })
}

function mountOf({ source, target, readOnly }: VolumeSpec): Record<string, unknown> {
  const Type = source.startsWith('/') ? 'bind' : 'volume'
  return { Type, ...(source !== '' && { Source: source }), Target: target, ReadOnly: readOnly }
}

function restartPolicy({ restart, autoRemove }: RunSpec): Record<string, unknown> {
  if (autoRemove && restart.name !== 'no') {
    throw refuse('restart', 'restart.auto-remove', 'a container that is removed when it stops cannot be restarted', {})
  }
  const count = restart.name === 'on-failure' ? (restart.maximumRetryCount ?? 0) : 0
  return { Name: restart.name, MaximumRetryCount: count }
}

function refuse(field: string, hint: string, message: string, params: Record<string, string>): NaruError {
  return new NaruError('invalid-request', message, { params: { ...params, field }, hint })
}
