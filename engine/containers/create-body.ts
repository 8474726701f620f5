/**
 * From a RunSpec to `POST /containers/create`, member for member what docker CLI 28 sends (docker/cli
 * cli/command/container/opts.go), its defaults included: the engine keeps some of them, and inspect shows them. Pure.
 */
import type { RunSpec } from '../contract/models.ts'
import type { RawCreateBody } from '../docker/api-types.ts'
import { deviceMembers, limitMembers } from './body/limits.ts'
import { networkMembers, portMembers, resolverMembers } from './body/network.ts'
import { mountMembers, volumeMembers } from './body/storage.ts'
import { inField, refuse } from './body/refuse.ts'
import { wholeCapabilities } from './values/capabilities.ts'
import type { Verb } from './command/head.ts'
import { NAME } from './names.ts'
import { findConflicts } from './rules.ts'
import { parseGoDuration } from './values/go.ts'

export { expandPorts } from './body/network.ts'

export interface CreateRequest {
  readonly name?: string
  readonly platform?: string
  readonly body: RawCreateBody
}

/**
 * The request for a spec. Files the spec names (`envFiles`, `labelFiles`, `seccomp=…`) are not read here: the engine room
 * puts their content into the spec before.
 * @param verb `create` attaches as `docker create` does, whatever the spec says
 * @throws NaruError `invalid-request` with params {field}, a member of RunSpec
 */
export function toCreateRequest(spec: RunSpec, verb: Verb = 'run'): CreateRequest {
  return {
    ...(spec.name && { name: spec.name }),
    ...(spec.platform && { platform: spec.platform }),
    body: createBody(spec, spec.image, verb),
  }
}

/**
 * @param image reference or id, as the engine is to look it up
 * @throws NaruError `invalid-request` with params {field}: `name`, `ports`, `env`, `volumes`, `restart`, or another member of RunSpec
 */
export function createBody(spec: RunSpec, image: string, verb: Verb = 'run'): RawCreateBody {
  checkName(spec.name)
  const [conflict] = findConflicts(verb === 'create' ? { ...spec, detach: false } : spec)
  if (conflict) throw refuse(conflict.field, conflict.hint, conflict.message, conflict.params)
  const { exposed, bindings } = portMembers(spec)
  const { binds, anonymous } = volumeMembers(spec.volumes)
  const { mode, endpoints } = networkMembers(spec)
  return {
    Hostname: spec.hostname ?? '',
    Domainname: spec.domainname ?? '',
    User: spec.user ?? '',
    ...streams(spec, verb),
    Tty: spec.tty ?? false,
    Image: image,
    ...(spec.command && spec.command.length > 0 && { Cmd: spec.command }),
    ...(spec.entrypoint !== undefined && { Entrypoint: [spec.entrypoint] }),
    Env: environment(spec),
    WorkingDir: spec.workdir ?? '',
    Labels: spec.labels ?? {},
    ExposedPorts: exposed,
    Volumes: anonymous,
    ...health(spec),
    ...(spec.stopSignal && { StopSignal: spec.stopSignal }),
    ...(spec.stopTimeout !== undefined && { StopTimeout: spec.stopTimeout }),
    HostConfig: {
      PortBindings: bindings,
      PublishAllPorts: spec.publishAll ?? false,
      Binds: binds.length > 0 ? binds : null,
      ...mountMembers(spec),
      RestartPolicy: restartPolicy(spec),
      AutoRemove: spec.autoRemove,
      NetworkMode: mode,
      ...resolverMembers(spec),
      ...names(spec),
      ...limitMembers(spec),
      ...deviceMembers(spec),
      ...security(spec),
      LogConfig: { Type: spec.logDriver ?? '', Config: spec.logOptions ?? {} },
      Annotations: spec.annotations ?? {},
      ...(spec.init !== undefined && { Init: spec.init }),
      ConsoleSize: [0, 0],
    },
    NetworkingConfig: { EndpointsConfig: endpoints },
  }
}

/** Refuses what the engine would refuse, before anything is pulled. */
export function checkName(name: string | undefined): void {
  if (name && !NAME.test(name)) throw refuse('name', 'name.format', `invalid container name (${name})`, { name })
}

/** Which streams the one who starts it would be attached to. */
function streams(spec: RunSpec, verb: Verb): Record<string, unknown> {
  const attached = verb === 'create' || spec.detach === false
  const asked = spec.attach ?? []
  const wants = (stream: 'stdin' | 'stdout' | 'stderr') => attached && asked.includes(stream)
  const all = attached && asked.length === 0
  const stdin = attached && (spec.interactive === true || asked.includes('stdin'))
  return {
    AttachStdin: stdin,
    AttachStdout: all || wants('stdout'),
    AttachStderr: all || wants('stderr'),
    OpenStdin: spec.interactive ?? false,
    StdinOnce: stdin && spec.interactive === true,
  }
}

/** A name given twice counts once, in its first place with its last value, as for the docker CLI. */
function environment({ env, envNames = [] }: RunSpec): string[] {
  const entries = new Map<string, string>()
  for (const { name, value } of env) {
    if (name === '' || name.includes('=')) throw refuse('env', 'env.name', `invalid environment variable name "${name}"`, { name })
    entries.set(name, `${name}=${value}`)
  }
  for (const name of envNames) entries.set(name, name)
  return [...entries.values()]
}

function health(spec: RunSpec): Record<string, unknown> {
  if (spec.noHealthcheck) return { Healthcheck: { Test: ['NONE'] } }
  const duration = (key: 'healthInterval' | 'healthTimeout' | 'healthStartPeriod' | 'healthStartInterval') =>
    inField(key, () => (spec[key] ? parseGoDuration(spec[key]) : 0))
  const check = {
    ...(spec.healthCmd && { Test: ['CMD-SHELL', spec.healthCmd] }),
    Interval: duration('healthInterval'),
    Timeout: duration('healthTimeout'),
    StartPeriod: duration('healthStartPeriod'),
    StartInterval: duration('healthStartInterval'),
    Retries: spec.healthRetries ?? 0,
  }
  return Object.values(check).some((value) => value !== 0) ? { Healthcheck: check } : {}
}

/** Namespaces and who is known under which name. */
function names(spec: RunSpec): Record<string, unknown> {
  return {
    IpcMode: spec.ipc ?? '',
    PidMode: spec.pid ?? '',
    UTSMode: spec.uts ?? '',
    UsernsMode: spec.userns ?? '',
    CgroupnsMode: spec.cgroupns ?? '',
    CgroupParent: spec.cgroupParent ?? '',
    ...(spec.runtime && { Runtime: spec.runtime }),
    ...(spec.isolation && { Isolation: spec.isolation }),
  }
}

function security(spec: RunSpec): Record<string, unknown> {
  const options = spec.securityOptions ?? []
  const open = options.includes('systempaths=unconfined')
  return {
    Privileged: spec.privileged ?? false,
    CapAdd: spec.capAdd ? wholeCapabilities(spec.capAdd) : null,
    CapDrop: spec.capDrop ? wholeCapabilities(spec.capDrop) : null,
    GroupAdd: spec.groupAdd ?? null,
    // This one is the client's own word for two lists of paths.
    SecurityOpt: options.length === 0 ? null : options.filter((option) => option !== 'systempaths=unconfined'),
    ...(open && { MaskedPaths: [], ReadonlyPaths: [] }),
    ReadonlyRootfs: spec.readOnlyRoot ?? false,
    ...(spec.sysctls && { Sysctls: spec.sysctls }),
  }
}

function restartPolicy({ restart }: RunSpec): Record<string, unknown> {
  const count = restart.name === 'on-failure' ? (restart.maximumRetryCount ?? 0) : 0
  return { Name: restart.name, MaximumRetryCount: count }
}
