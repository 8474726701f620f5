/** Devices, GPUs, ulimits and block devices. Pure. Source: docker/cli opts.go, opts/{gpus,throttledevice,weightdevice,ulimit}.go. */
import { parseBytes } from '../../contract/units.ts'
import { cutPair, parseCsv, parseWhole, refuseValue } from './go.ts'

const PERMISSIONS = /^(?=[rwm]{1,3}$)(?!.*(.).*\1)[rwm]+$/
/** vendor.com/class=name, as the Container Device Interface names devices. */
const CDI = /^[A-Za-z](?:[\w.-]*[A-Za-z0-9])?\/[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?=[A-Za-z0-9](?:[\w.:-]*[A-Za-z0-9])?$/
const ULIMITS = [
  'core', 'cpu', 'data', 'fsize', 'locks', 'memlock', 'msgqueue', 'nice', 'nofile', 'nproc', 'rss', 'rtprio', 'rttime', 'sigpending', 'stack',
]

export type Device =
  | { readonly kind: 'path'; readonly host: string; readonly inside: string; readonly permissions: string }
  | { readonly kind: 'cdi'; readonly name: string }

/** `/dev/a[:/dev/b][:rwm]` or a CDI name. @throws NaruError `invalid-request` {value} */
export function parseDevice(text: string): Device {
  if (CDI.test(text)) return { kind: 'cdi', name: text }
  const [host = '', second, third, fourth] = text.split(':')
  const secondIsMode = third === undefined && second !== undefined && PERMISSIONS.test(second)
  const inside = second === undefined || secondIsMode ? host : second
  const permissions = (secondIsMode ? second : third) ?? 'rwm'
  if (fourth !== undefined || host === '' || !inside.startsWith('/') || !PERMISSIONS.test(permissions)) {
    throw refuseValue('device', `not a device such as /dev/fuse or /dev/a:/dev/b:rw: "${text}"`, { value: text })
  }
  if (host.endsWith('*')) throw refuseValue('device.glob', `one device each; a pattern cannot be spread out here: "${text}"`, { value: text })
  return { kind: 'path', host, inside, permissions }
}

/** `c 1:3 rwm` */
export function checkCgroupRule(text: string): string {
  if (!/^[acb] (?:\d+|\*):(?:\d+|\*) [rwm]{1,3}$/.test(text)) throw refuseValue('device.rule', `not a rule such as "c 1:3 rwm": "${text}"`, { value: text })
  return text
}

export interface Ulimit {
  readonly name: string
  readonly soft: number
  readonly hard: number
}

/** `nofile=1024` or `nofile=1024:2048`; -1 = without limit. @throws NaruError `invalid-request` {value} */
export function parseUlimit(text: string): Ulimit {
  const [name, limits, found] = cutPair(text)
  if (!found || limits === '') throw refuseValue('ulimit', `not NAME=SOFT[:HARD]: "${text}"`, { value: text })
  if (!ULIMITS.includes(name)) throw refuseValue('ulimit.name', `there is no limit called "${name}"`, { value: name })
  const [first = '', second, third] = limits.split(':')
  const number = (part: string) => (/^[+-]?\d+$/.test(part) ? Number(part) : Number.NaN)
  const soft = number(first)
  const hard = second === undefined ? soft : number(second)
  if (third !== undefined || Number.isNaN(soft) || Number.isNaN(hard)) throw refuseValue('ulimit', `not NAME=SOFT[:HARD]: "${text}"`, { value: text })
  if (hard !== -1 && (soft > hard || soft === -1)) throw refuseValue('ulimit.order', `the soft limit is above the hard one: "${text}"`, { value: text })
  return { name, soft, hard }
}

function cutDevice(text: string): readonly [path: string, value: string] {
  const [path = '', value = '', more] = text.split(':')
  if (more !== undefined || value === '' || !path.startsWith('/dev/')) throw refuseValue('device.pair', `not /dev/NAME:NUMBER: "${text}"`, { value: text })
  return [path, value]
}

/** `/dev/sda:1mb`, bytes per second. */
export function parseBpsDevice(text: string): { readonly path: string; readonly rate: number } {
  const [path, value] = cutDevice(text)
  return { path, rate: parseBytes(value) }
}

/** `/dev/sda:1000`, operations per second. */
export function parseIopsDevice(text: string): { readonly path: string; readonly rate: number } {
  const [path, value] = cutDevice(text)
  return { path, rate: parseWhole(/^0+\d/.test(value) ? value.replace(/^0+(?=\d)/, '') : value, 0) }
}

/** `/dev/sda:200`, from 10 to 1000, or 0. */
export function parseWeightDevice(text: string): { readonly path: string; readonly weight: number } {
  const [path, value] = cutDevice(text)
  return { path, weight: checkWeight(parseWhole(value, 0, 1_000)) }
}

export function checkWeight(weight: number): number {
  if (weight !== 0 && (weight < 10 || weight > 1_000)) throw refuseValue('weight', `a weight is 10 to 1000, or 0: ${weight}`, { value: String(weight) })
  return weight
}

export interface GpuRequest {
  readonly Driver?: string
  readonly Count?: number
  readonly DeviceIDs?: readonly string[]
  readonly Capabilities: readonly (readonly string[])[]
  readonly Options: Readonly<Record<string, string>>
}

/** `all`, `2`, `device=0`, `"device=0,1",capabilities=utility`. @throws NaruError `invalid-request` {value} */
export function parseGpus(text: string): GpuRequest {
  const found = new Map<string, string>()
  for (const field of parseCsv(text)) {
    const [name, value, withValue] = cutPair(field)
    const key = withValue ? name : 'count'
    if (found.has(key)) throw refuseValue('gpus.twice', `"${key}" is given twice`, { value: key })
    if (!['driver', 'count', 'device', 'capabilities', 'options'].includes(key)) throw refuseValue('gpus.key', `a GPU request has no "${key}"`, { value: key })
    found.set(key, withValue ? value : name)
  }
  const count = found.get('count')
  const device = found.get('device')
  const options = found.get('options')
  const driver = found.get('driver')
  if (count !== undefined && count !== 'all' && !/^[+-]?\d+$/.test(count)) throw refuseValue('gpus.count', `"all" or a number: "${count}"`, { value: count })
  return {
    ...(driver !== undefined && { Driver: driver }),
    ...(count !== undefined ? { Count: count === 'all' ? -1 : Number(count) } : device === undefined && { Count: 1 }),
    ...(device !== undefined && { DeviceIDs: device.split(',') }),
    Capabilities: [[...(found.get('capabilities')?.split(',') ?? []), 'gpu']],
    Options: Object.fromEntries(options === undefined ? [] : parseCsv(options).map((each) => cutPair(each).slice(0, 2) as [string, string])),
  }
}
