/** What a container reaches outside of itself, out of what it is made from or of what the engine says of it. Pure. */
import type { ContainerDetail, EngineSummary, RunSpec } from '../../../engine/contract/models.ts'
import { formatPortSpec } from '../../../engine/ports/spec.ts'
import { isEverywhere } from '../Ports/mapping.ts'
import { findBinds } from './exposed-paths.ts'
import type { Bind, PathKey } from './exposed-paths.ts'

export const EXPOSURE_KEYS = [
  'privileged', 'socket', 'root', 'rootRead', 'engineData', 'system', 'home', 'homeRead', 'keys', 'kernel', 'deviceFolder',
  'hostNetwork', 'engineNetwork', 'hostPid', 'hostIpc', 'hostUts', 'hostUserns', 'hostCgroup', 'exposed', 'publishAll',
  'capabilities', 'reaching', 'unconfined', 'disks', 'devices', 'deviceRules', 'shared',
] as const
export type ExposureKey = (typeof EXPOSURE_KEYS)[number]

export interface Exposed {
  readonly key: ExposureKey
  readonly params: Readonly<Record<string, string>>
}

/** The settings that lead out, whoever told them. */
export interface Settings {
  readonly privileged: boolean
  readonly binds: readonly Bind[]
  readonly hostNetwork: boolean
  /** Namespaces that are the host's. */
  readonly host: readonly ('pid' | 'ipc' | 'uts' | 'userns' | 'cgroup')[]
  readonly ports: readonly { readonly hostIp: string; readonly text: string }[]
  readonly publishAll: boolean
  readonly capAdd: readonly string[]
  readonly securityOptions: readonly string[]
  readonly devices: readonly string[]
  readonly deviceRules: readonly string[]
}

/** Where the engine runs, and what it may do there. */
export interface Place {
  /** `vm`: of root in the virtual machine. */
  readonly rights: 'root' | 'user' | 'vm'
  /** The network that `--network host` means. */
  readonly network: 'machine' | 'engine'
  /** A port without an address is open on all of this computer's. */
  readonly portsOpen: boolean
  /** On version 1 of control groups every container has the host's by default. */
  readonly ownCgroups: boolean
}

export const MACHINE: Place = { rights: 'root', network: 'machine', portsOpen: true, ownCgroups: true }

/** @param publishEverywhere the virtual machine's setting */
export function placeOf(engine: EngineSummary | null, publishEverywhere: boolean): Place {
  if (!engine) return MACHINE
  const ownCgroups = engine.version?.cgroupVersion === '2'
  if (engine.kind === 'vm') return { rights: 'vm', network: 'engine', portsOpen: publishEverywhere, ownCgroups }
  const rootless = engine.version?.rootless ?? engine.rootless ?? false
  return { rights: rootless ? 'user' : 'root', network: engine.kind === 'native' || rootless ? 'engine' : 'machine', portsOpen: true, ownCgroups }
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '')
const texts = (value: unknown): readonly string[] => (Array.isArray(value) ? value.filter((each): each is string => typeof each === 'string') : [])
const member = (value: unknown, key: string): unknown => Object(value)[key] as unknown
const hosts = (named: Readonly<Record<Settings['host'][number], unknown>>): Settings['host'] => (Object.keys(named) as Settings['host']).filter((key) => named[key] === 'host')

export function settingsOfSpec(spec: RunSpec): Settings {
  const isPath = ({ path }: { path?: string | undefined }): boolean => path?.startsWith('/') ?? false
  return {
    privileged: spec.privileged ?? false,
    binds: [
      ...spec.volumes.map(({ source, readOnly }) => ({ path: source, readOnly })),
      // A volume of the local driver may be a folder by another name.
      ...(spec.mounts ?? []).map(({ type, source, readOnly, driverOptions }) => ({ path: (type === 'bind' ? source : driverOptions?.['device']) ?? '', readOnly: readOnly ?? false })),
    ].filter(isPath),
    hostNetwork: spec.networks?.some(({ name }) => name === 'host') ?? false,
    host: hosts({ pid: spec.pid, ipc: spec.ipc, uts: spec.uts, userns: spec.userns, cgroup: spec.cgroupns }),
    ports: spec.ports.map((port) => ({ hostIp: port.hostIp, text: formatPortSpec(port) })),
    publishAll: spec.publishAll ?? false,
    capAdd: spec.capAdd ?? [],
    securityOptions: spec.securityOptions ?? [],
    devices: (spec.devices ?? []).map((device) => device.split(':')[0] ?? ''),
    deviceRules: spec.deviceCgroupRules ?? [],
  }
}

/** Of a container that is there, by the engine's own answer. */
export function settingsOfDetail(detail: ContainerDetail): Settings {
  const config = member(detail.raw, 'HostConfig')
  const bindings = Object.entries(Object(member(config, 'PortBindings')) as Record<string, unknown>)
  return {
    privileged: member(config, 'Privileged') === true,
    binds: detail.mounts.filter(({ type }) => type === 'bind').map(({ source, readOnly }) => ({ path: source, readOnly })),
    hostNetwork: member(config, 'NetworkMode') === 'host',
    host: hosts({
      pid: member(config, 'PidMode'), ipc: member(config, 'IpcMode'), uts: member(config, 'UTSMode'), userns: member(config, 'UsernsMode'), cgroup: member(config, 'CgroupnsMode'),
    }),
    ports: bindings.flatMap(([name, list]) => (Array.isArray(list) ? list : []).map((each: unknown) => portOf(name, text(member(each, 'HostIp')), text(member(each, 'HostPort'))))),
    publishAll: member(config, 'PublishAllPorts') === true,
    capAdd: texts(member(config, 'CapAdd')),
    securityOptions: texts(member(config, 'SecurityOpt')),
    devices: (Array.isArray(member(config, 'Devices')) ? (member(config, 'Devices') as unknown[]) : []).map((each) => text(member(each, 'PathOnHost'))),
    deviceRules: texts(member(config, 'DeviceCgroupRules')),
  }
}

function portOf(name: string, hostIp: string, hostPort: string): Settings['ports'][number] {
  const [containerPort = '', protocol = 'tcp'] = name.split('/')
  return { hostIp, text: formatPortSpec({ hostIp, hostPort, containerPort, protocol: protocol === 'udp' || protocol === 'sctp' ? protocol : 'tcp' }) }
}

/** Capabilities that are as good as root outside; others reach something that no namespace divides. capabilities(7) */
const BREAKING = /^(?:CAP_)?(?:ALL|SYS_ADMIN|SYS_MODULE|SYS_PTRACE|SYS_RAWIO|DAC_READ_SEARCH|BPF)$/i
const REACHING = /^(?:CAP_)?(?:SYS_TIME|SYSLOG|SYS_BOOT|WAKE_ALARM|AUDIT_CONTROL|AUDIT_READ|MAC_ADMIN|MAC_OVERRIDE|PERFMON|SYS_NICE|SYS_RESOURCE|NET_ADMIN)$/i
const UNCONFINED = /^(?:seccomp|apparmor|systempaths)[=:]unconfined$|^label[=:]disable$/
/** Past all files: disks, their parts, and memory. */
const DISK = /^\/dev\/(?:sd|hd|vd|xvd|nvme|mmcblk|dm-|md|loop|mapper\/|disk\/|k?mem\b|port\b)/

const NAMESPACES = { pid: 'hostPid', ipc: 'hostIpc', uts: 'hostUts', userns: 'hostUserns', cgroup: 'hostCgroup' } as const
/** What the rights of the person, or the virtual machine around it, take the sense from. */
const NOT_AS_USER: ReadonlySet<ExposureKey> = new Set(['system', 'kernel', 'hostUts', 'hostUserns', 'reaching', 'deviceFolder'])
const PATHS_OF_ROOT: ReadonlySet<PathKey> = new Set(['root', 'rootRead', 'engineData', 'system', 'kernel', 'deviceFolder'])
/** With these a container has the whole guest, and the folders it shares. */
const WHOLE: ReadonlySet<ExposureKey> = new Set(['privileged', 'socket', 'capabilities', 'disks'])

/** In the order of {@link EXPOSURE_KEYS} at large: what gives most comes first. */
export function findExposure(settings: Settings, place: Place): Exposed[] {
  const found: Exposed[] = []
  const add = (key: ExposureKey, params: Record<string, string> = {}): void => void found.push({ key, params })
  const named = (key: ExposureKey, names: readonly string[], name = 'names'): void => void (names.length > 0 && add(key, { [name]: names.join(', ') }))
  if (settings.privileged) add('privileged')
  // The virtual machine refuses folders that are not shared with it.
  for (const { key, path } of findBinds(settings.binds)) if (place.rights !== 'vm' || !PATHS_OF_ROOT.has(key)) add(key, key === 'root' || key === 'rootRead' ? {} : { path })
  if (settings.hostNetwork) add(place.network === 'machine' ? 'hostNetwork' : 'engineNetwork')
  for (const name of settings.host) add(NAMESPACES[name])
  const open = settings.hostNetwork ? [] : settings.ports.filter(({ hostIp }) => (hostIp === '' ? place.portsOpen : isEverywhere(hostIp)))
  named('exposed', open.map(({ text: port }) => port), 'ports')
  if (settings.publishAll && place.portsOpen && !settings.hostNetwork) add('publishAll')
  named('capabilities', settings.capAdd.filter((name) => BREAKING.test(name)))
  named('reaching', settings.capAdd.filter((name) => REACHING.test(name)))
  named('unconfined', settings.securityOptions.filter((option) => UNCONFINED.test(option)), 'options')
  named('disks', settings.devices.filter((device) => DISK.test(device)))
  named('devices', settings.devices.filter((device) => device !== '' && !DISK.test(device)))
  named('deviceRules', settings.deviceRules)
  if (place.rights === 'vm' && found.some(({ key }) => WHOLE.has(key))) add('shared')
  return place.rights === 'user' ? found.filter(({ key }) => !NOT_AS_USER.has(key)) : found
}

/** Of a container that is there: what the engine gives it by itself is nothing to be told. */
export function exposureOf(detail: ContainerDetail, place: Place): Exposed[] {
  const settings = settingsOfDetail(detail)
  // With these the engine switches labels off without being asked.
  const unlabelled = settings.privileged || settings.host.includes('pid') || settings.host.includes('ipc')
  return findExposure(
    {
      ...settings,
      host: settings.host.filter((name) => name !== 'cgroup' || place.ownCgroups),
      securityOptions: settings.securityOptions.filter((option) => !unlabelled || !/^label[=:]disable$/.test(option)),
    },
    place,
  )
}
