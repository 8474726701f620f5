/** `-v`, `--mount` and `--tmpfs`. Pure. Source: docker/cli opts/mount.go and cli/compose/loader/volume.go. */
import type { MountSpec, MountType, VolumeSpec } from '../../contract/models.ts'
import { parseBytes } from '../../contract/units.ts'
import { cutPair, formatCsv, parseBool, parseCsv, refuseValue } from './go.ts'

const VOLUME_NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/
const PROPAGATIONS = ['private', 'rprivate', 'shared', 'rshared', 'slave', 'rslave'] as const
const RECURSIVE = ['enabled', 'disabled', 'writable', 'readonly'] as const
const TYPES = ['bind', 'volume', 'tmpfs', 'image'] as const
const MODES = /^(?:ro|rw|z|Z|nocopy|r?private|r?shared|r?slave|consistent|cached|delegated|rro|copy)$/

const oneOf = <T extends string>(choices: readonly T[], text: string): T | undefined => choices.find((choice) => choice === text)

/** A volume can be written `-v SOURCE:TARGET` only while neither side holds the separator. */
export function fitsShortVolume(volume: VolumeSpec): boolean {
  if (volume.source === '') return !volume.readOnly && !volume.target.includes(':')
  return !volume.source.includes(':') && !volume.target.includes(':')
}

/** One `-v`. @throws NaruError `invalid-request` */
export function parseVolume(text: string): VolumeSpec {
  if (/^[A-Za-z]:[\\/]/.test(text)) throw refuseValue('volume.windows', `a path of Windows; this engine knows paths of Linux only: ${text}`, { path: text })
  const parts = text.split(':')
  const [first = '', second, mode] = parts
  if (parts.length > 3) throw refuseValue('volume.colons', `too many colons: ${text}`, { path: text })
  if (second === undefined) return { source: '', target: checkTarget(first), readOnly: false }
  const options = (mode ?? '').split(',')
  const strange = options.find((option) => mode !== undefined && !MODES.test(option))
  if (strange !== undefined) throw refuseValue('volume.mode', `a volume has no option "${strange}"`, { option: strange })
  const spec = { source: checkSource(first), target: checkTarget(second), readOnly: options.includes('ro') }
  return mode === undefined || mode === 'ro' ? spec : { ...spec, mode }
}

/** The value of `-v` for a volume that fits. */
export function formatVolume({ source, target, readOnly, mode }: VolumeSpec): string {
  if (source === '') return target
  const last = mode ?? (readOnly ? 'ro' : '')
  return `${source}:${target}${last === '' ? '' : `:${last}`}`
}

/** @throws NaruError `invalid-request` {path} when it is neither a name nor a whole path */
export function checkSource(source: string): string {
  if (source.startsWith('/') || VOLUME_NAME.test(source)) return source
  const relative = source.startsWith('.') || source.includes('/')
  if (relative) throw refuseValue('volume.relative', `a path must be whole here; there is no working directory: "${source}"`, { path: source })
  throw refuseValue('volume.source', `neither an absolute path nor a volume name: "${source}"`, { path: source })
}

export function checkTarget(target: string): string {
  if (!target.startsWith('/') || /^\/+$/.test(target)) {
    throw refuseValue('volume.target', `the path in the container must be absolute and not /: "${target}"`, { path: target })
  }
  return target
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }
type Option = (mount: Mutable<MountSpec>, value: string, bare: boolean) => void

const flag = (value: string, bare: boolean): boolean => bare || parseBool(value)

/** Every option of `--mount`; those that may stand without a value are in BARE. */
const OPTIONS: Readonly<Record<string, Option>> = {
  type: (mount, value) => void (mount.type = checkType(value.toLowerCase())),
  source: (mount, value) => void (mount.source = value),
  target: (mount, value) => void (mount.target = value),
  readonly: (mount, value, bare) => void (mount.readOnly = flag(value, bare)),
  consistency: (mount, value) => void (mount.consistency = value.toLowerCase()),
  'bind-propagation': (mount, value) => {
    const propagation = oneOf(PROPAGATIONS, value.toLowerCase())
    if (!propagation) throw refuseValue('mount.value', `bind-propagation cannot be "${value}"`, { option: 'bind-propagation', value })
    mount.propagation = propagation
  },
  'bind-recursive': (mount, value) => {
    const recursive = oneOf(RECURSIVE, value.toLowerCase())
    if (!recursive) throw refuseValue('mount.value', `bind-recursive cannot be "${value}"`, { option: 'bind-recursive', value })
    mount.recursive = recursive
  },
  'bind-nonrecursive': (mount, value, bare) => void (mount.recursive = flag(value, bare) ? 'disabled' : 'enabled'),
  'volume-nocopy': (mount, value, bare) => void (mount.noCopy = flag(value, bare)),
  'volume-subpath': (mount, value) => void (mount.subpath = value),
  'image-subpath': (mount, value) => void (mount.subpath = value),
  'volume-label': (mount, value) => void (mount.labels = withPair(mount.labels, value)),
  'volume-driver': (mount, value) => void (mount.driver = value),
  'volume-opt': (mount, value) => void (mount.driverOptions = withPair(mount.driverOptions, value)),
  'tmpfs-size': (mount, value) => {
    parseBytes(value)
    mount.tmpfsSize = value
  },
  'tmpfs-mode': (mount, value) => {
    if (!/^[0-7]{1,11}$/.test(value)) throw refuseValue('mount.value', `tmpfs-mode must be octal: "${value}"`, { option: 'tmpfs-mode', value })
    mount.tmpfsMode = value
  },
}
const BARE = new Set(['readonly', 'volume-nocopy', 'bind-nonrecursive'])
const SPELLINGS: ReadonlyMap<string, string> = new Map(Object.entries({ src: 'source', dst: 'target', destination: 'target', ro: 'readonly' }))

function checkType(value: string): MountType {
  const type = oneOf(TYPES, value)
  if (!type) throw refuseValue('mount.type', `a mount of type "${value}" is not possible on this engine`, { value })
  return type
}

function withPair(pairs: Readonly<Record<string, string>> | undefined, text: string): Record<string, string> {
  const [name, value] = cutPair(text)
  return name === '' ? { ...pairs } : { ...pairs, ...Object.fromEntries([[name, value]]) }
}

/** One `--mount`. @throws NaruError `invalid-request` */
export function parseMount(text: string): MountSpec {
  const mount: Mutable<MountSpec> = { type: 'volume', target: '' }
  const used = new Set<string>()
  for (const field of parseCsv(text)) {
    const [rawKey, value, found] = cutPair(field)
    const key = SPELLINGS.get(rawKey) ?? rawKey
    const option = Object.hasOwn(OPTIONS, key) ? OPTIONS[key] : undefined
    if (!option) throw refuseValue('mount.option', `a mount has no option "${rawKey}"`, { option: rawKey })
    if (!found && !BARE.has(key)) throw refuseValue('mount.field', `not KEY=VALUE: "${field}"`, { option: field })
    option(mount, value, !found)
    used.add(key)
  }
  checkMount(mount, used)
  if (mount.readOnly === false) delete mount.readOnly
  if (mount.noCopy === false) delete mount.noCopy
  if (mount.source === '') delete mount.source
  return mount
}

function checkMount(mount: MountSpec, used: ReadonlySet<string>): void {
  checkTarget(mount.target)
  for (const key of used) {
    const kind = /^(bind|volume|tmpfs|image)-/.exec(key)?.[1]
    if (kind && kind !== mount.type) throw refuseValue('mount.mix', `${key} is no option of a mount of type ${mount.type}`, { option: key, type: mount.type })
  }
  if (mount.type === 'bind') {
    if (!mount.source?.startsWith('/')) {
      throw refuseValue('volume.relative', `a path must be whole here; there is no working directory: "${mount.source ?? ''}"`, { path: mount.source ?? '' })
    }
    const { recursive } = mount
    if ((recursive === 'writable' || recursive === 'readonly') && !mount.readOnly) {
      throw refuseValue('mount.recursive', `bind-recursive=${recursive} needs readonly`, { value: recursive })
    }
    if (recursive === 'readonly' && mount.propagation !== 'rprivate') {
      throw refuseValue('mount.rprivate', 'bind-recursive=readonly needs bind-propagation=rprivate')
    }
  }
  if (mount.type === 'image' && !mount.source) throw refuseValue('mount.image', 'a mount of an image needs source=IMAGE')
}

/** The value of `--mount` for a mount. */
export function formatMount(mount: MountSpec): string {
  const pairs = (key: string, record: Readonly<Record<string, string>> = {}) => Object.entries(record).map(([name, value]) => `${key}=${name}=${value}`)
  const field = (key: string, value: string | undefined) => (value === undefined ? [] : [`${key}=${value}`])
  return formatCsv([
    `type=${mount.type}`,
    ...field('source', mount.source),
    `target=${mount.target}`,
    ...(mount.readOnly ? ['readonly'] : []),
    ...field('consistency', mount.consistency),
    ...field('bind-propagation', mount.propagation),
    ...field('bind-recursive', mount.recursive),
    ...(mount.noCopy ? ['volume-nocopy'] : []),
    ...field(mount.type === 'image' ? 'image-subpath' : 'volume-subpath', mount.subpath),
    ...pairs('volume-label', mount.labels),
    ...field('volume-driver', mount.driver),
    ...pairs('volume-opt', mount.driverOptions),
    ...field('tmpfs-size', mount.tmpfsSize),
    ...field('tmpfs-mode', mount.tmpfsMode),
  ])
}

/** The mount for a volume that does not fit `-v`. */
export function mountOfVolume({ source, target, readOnly }: VolumeSpec): MountSpec {
  return {
    type: source.startsWith('/') ? 'bind' : 'volume',
    ...(source !== '' && { source }),
    target,
    ...(readOnly && { readOnly }),
  }
}

/** The volume a mount stands for when mountOfVolume made it; undefined for all others. */
export function volumeOfMount(mount: MountSpec): VolumeSpec | undefined {
  const { type, source = '', target, readOnly = false, ...rest } = mount
  if (Object.keys(rest).length > 0 || type === 'tmpfs' || type === 'image') return undefined
  const volume: VolumeSpec = { source, target, readOnly }
  return fitsShortVolume(volume) || mountOfVolume(volume).type !== type ? undefined : volume
}

/** `/path` or `/path:options`: what HostConfig.Tmpfs holds. @throws NaruError `invalid-request` */
export function parseTmpfs(text: string): readonly [target: string, options: string] {
  const colon = text.indexOf(':')
  return colon < 0 ? [checkTarget(text), ''] : [checkTarget(text.slice(0, colon)), text.slice(colon + 1)]
}
