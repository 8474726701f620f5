/** What another container like a given one is made from, with another port. Pure, for the page as well. */
import type { ContainerDetail, EnvVar, ImageDetail, MountSpec, NetworkSpec, PortSpec, RunSpec, VolumeSpec } from '../contract/models.ts'

export interface Likeness {
  readonly spec: RunSpec
  /** Options of the container that the spec does not repeat, as `docker run` calls them. */
  readonly left: readonly string[]
}

type Raw = Readonly<Record<string, unknown>>

const part = (raw: unknown, key: string): unknown => (typeof raw === 'object' && raw !== null ? (raw as Raw)[key] : undefined)
const texts = (value: unknown): readonly string[] => (Array.isArray(value) ? value.filter((each): each is string => typeof each === 'string') : [])
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')
const numberOf = (value: unknown): number => (typeof value === 'number' ? value : 0)

/** Settings that are not repeated, with their flag; told when they are anything but empty. */
const NOT_REPEATED: Readonly<Record<string, string>> = {
  SecurityOpt: '--security-opt', Devices: '--device', DeviceRequests: '--gpus', DeviceCgroupRules: '--device-cgroup-rule', Sysctls: '--sysctl',
  Ulimits: '--ulimit', VolumesFrom: '--volumes-from', Links: '--link', GroupAdd: '--group-add', PidMode: '--pid', UTSMode: '--uts',
  UsernsMode: '--userns', StorageOpt: '--storage-opt', BlkioWeight: '--blkio-weight', CpuShares: '--cpu-shares', CpuQuota: '--cpu-quota',
  CpusetCpus: '--cpuset-cpus', MemoryReservation: '--memory-reservation', CgroupParent: '--cgroup-parent', VolumeDriver: '--volume-driver',
}

/**
 * @param image of the container, when it is still here: what the container has from it is not repeated
 * @param swap host port given instead of another one
 */
export function runLike(detail: ContainerDetail, image: ImageDetail | null, swap: { readonly from: number; readonly to: number }): Likeness {
  const config = part(detail.raw, 'Config')
  const host = part(detail.raw, 'HostConfig')
  const labels = Object.fromEntries(Object.entries(detail.labels).filter(([name, value]) => image?.labels[name] !== value && !name.startsWith('com.docker.compose.')))
  const workdir = textOf(part(config, 'WorkingDir'))
  const user = textOf(part(config, 'User'))
  const hostname = textOf(part(config, 'Hostname'))
  const spec: RunSpec = {
    image: detail.image,
    ports: portsOf(host, swap),
    env: detail.env.filter((variable) => !hasVariable(image, variable)),
    volumes: volumesOf(host),
    restart: detail.restartPolicy,
    autoRemove: detail.autoRemove,
    pull: 'missing',
    ...words(config, image),
    ...mountsPart(host),
    ...networksPart(detail, host),
    ...limitsPart(detail),
    ...(workdir && workdir !== image?.workingDir && { workdir }),
    ...(user && user !== image?.user && { user }),
    ...(hostname && !detail.id.startsWith(hostname) && part(host, 'NetworkMode') !== 'host' && { hostname }),
    ...(Object.keys(labels).length > 0 && { labels }),
    ...(detail.tty && { tty: true }),
    ...(part(config, 'OpenStdin') === true && { interactive: true }),
    ...(part(host, 'Privileged') === true && { privileged: true }),
    ...(part(host, 'ReadonlyRootfs') === true && { readOnlyRoot: true }),
    ...(part(host, 'Init') === true && { init: true }),
    ...list('capAdd', part(host, 'CapAdd')),
    ...list('capDrop', part(host, 'CapDrop')),
    ...list('extraHosts', part(host, 'ExtraHosts')),
    ...list('dns', part(host, 'Dns')),
  }
  return { spec, left: Object.entries(NOT_REPEATED).flatMap(([key, flag]) => (isSet(part(host, key)) ? [flag] : [])) }
}

const hasVariable = (image: ImageDetail | null, { name, value }: EnvVar): boolean => image?.env.some((each) => each.name === name && each.value === value) ?? false

function list<Key extends string>(key: Key, value: unknown): { readonly [K in Key]?: readonly string[] } {
  const found = texts(value)
  return (found.length > 0 ? { [key]: found } : {}) as { readonly [K in Key]?: readonly string[] }
}

function isSet(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0
  return value !== undefined && value !== null && value !== '' && value !== 0 && value !== false
}

function portsOf(host: unknown, { from, to }: { readonly from: number; readonly to: number }): PortSpec[] {
  return Object.entries((part(host, 'PortBindings') ?? {}) as Raw).flatMap(([key, bindings]) => {
    const [containerPort = '', protocol = 'tcp'] = key.split('/')
    if (!Array.isArray(bindings)) return []
    return bindings.map((binding): PortSpec => {
      const hostPort = textOf(part(binding, 'HostPort'))
      return {
        containerPort,
        protocol: protocol === 'udp' || protocol === 'sctp' ? protocol : 'tcp',
        hostIp: textOf(part(binding, 'HostIp')),
        hostPort: hostPort === String(from) ? String(to) : hostPort,
      }
    })
  })
}

/** `source:target[:mode]`, as `-v` has them. */
function volumesOf(host: unknown): VolumeSpec[] {
  return texts(part(host, 'Binds')).flatMap((bind) => {
    const [source = '', target = '', mode = ''] = bind.split(':')
    if (!target.startsWith('/')) return []
    const options = mode.split(',').filter(Boolean)
    const others = options.filter((option) => option !== 'rw' && option !== 'ro')
    return [{ source, target, readOnly: options.includes('ro'), ...(others.length > 0 && { mode }) }]
  })
}

const MOUNT_TYPES: ReadonlySet<string> = new Set(['bind', 'volume', 'tmpfs', 'image'])

function mountsPart(host: unknown): Pick<RunSpec, 'mounts' | 'tmpfs'> {
  const given = part(host, 'Mounts')
  const mounts = (Array.isArray(given) ? given : []).flatMap((mount): MountSpec[] => {
    const type = textOf(part(mount, 'Type'))
    const source = textOf(part(mount, 'Source'))
    if (!MOUNT_TYPES.has(type)) return []
    return [{ type: type as MountSpec['type'], target: textOf(part(mount, 'Target')), ...(source && { source }), ...(part(mount, 'ReadOnly') === true && { readOnly: true }) }]
  })
  const tmpfs = Object.entries((part(host, 'Tmpfs') ?? {}) as Raw).map(([path, options]) => (textOf(options) ? `${path}:${textOf(options)}` : path))
  return { ...(mounts.length > 0 && { mounts }), ...(tmpfs.length > 0 && { tmpfs }) }
}

/** Command and entrypoint where they are not the image's. A spec has one word for the entrypoint; the others go before the command. */
function words(config: unknown, image: ImageDetail | null): Pick<RunSpec, 'command' | 'entrypoint'> {
  const command = texts(part(config, 'Cmd'))
  const given = part(config, 'Entrypoint')
  const entrypoint = typeof given === 'string' ? [given] : texts(given)
  const same = (a: readonly string[], b: readonly string[]): boolean => a.length === b.length && a.every((word, at) => word === b[at])
  // An engine that does not tell it has not changed it.
  if (given === undefined || same(entrypoint, image?.entrypoint ?? [])) return same(command, image?.command ?? []) || command.length === 0 ? {} : { command }
  const [first = '', ...rest] = entrypoint
  const all = [...rest, ...command]
  return { entrypoint: first, ...(all.length > 0 && { command: all }) }
}

const PLAIN_NETWORKS: ReadonlySet<string> = new Set(['', 'default', 'bridge', 'podman'])

function networksPart({ networks }: ContainerDetail, host: unknown): Pick<RunSpec, 'networks'> {
  const mode = textOf(part(host, 'NetworkMode'))
  if (mode === 'host' || mode === 'none' || mode.startsWith('container:')) return { networks: [{ name: mode }] }
  const named = networks.filter(({ name }) => !PLAIN_NETWORKS.has(name)).map(({ name }): NetworkSpec => ({ name }))
  return named.length > 0 ? { networks: named } : {}
}

function limitsPart({ limits }: ContainerDetail): Pick<RunSpec, 'memory' | 'memorySwap' | 'cpus' | 'pidsLimit'> {
  const { memoryBytes, memorySwapBytes, cpus, pidsLimit } = limits
  return {
    ...(memoryBytes > 0 && { memory: `${memoryBytes}b` }),
    // Twice the memory is what the engine gives by itself.
    ...(memoryBytes > 0 && memorySwapBytes !== 0 && memorySwapBytes !== memoryBytes * 2 && { memorySwap: memorySwapBytes < 0 ? '-1' : `${memorySwapBytes}b` }),
    ...(cpus > 0 && { cpus: String(cpus) }),
    ...(numberOf(pidsLimit) > 0 && { pidsLimit }),
  }
}
