/** `--network`, `--add-host`, `--link`, `--expose` and the addresses. Pure. Source: docker/cli opts/network.go, opts/hosts.go. */
import type { NetworkSpec } from '../../contract/models.ts'
import { isIpAddress, isIpv4, isIpv6 } from '../../ports/address.ts'
import { cutPair, formatCsv, parseCsv, parseWhole, refuseValue } from './go.ts'

/** docker tells the long form of `--network` by this. */
const LONG_FORM = /\w+=\w+(?:,\w+=\w+)*/
type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/**
 * The long form is read in small letters, whatever was written: so does docker.
 * `bridge` or `name=foo,alias=web,ip=10.0.0.2,driver-opt=a=b`. @throws NaruError `invalid-request`
 */
export function parseNetwork(text: string): NetworkSpec {
  if (!LONG_FORM.test(text)) {
    if (text.trim() === '') throw refuseValue('network.name', 'the network has no name')
    return { name: text }
  }
  const spec: Mutable<NetworkSpec> = { name: '' }
  const aliases: string[] = []
  const linkLocalIps: string[] = []
  const driverOptions: [string, string][] = []
  for (const field of parseCsv(text).map((each) => each.toLowerCase())) {
    const [rawKey, rawValue, found] = cutPair(field)
    if (!found || rawKey === '') throw refuseValue('network.field', `not KEY=VALUE: "${field}"`, { field })
    const value = rawValue.trim()
    switch (rawKey.trim()) {
      case 'name': spec.name = value; break
      case 'alias': aliases.push(value); break
      case 'ip': spec.ip = checkIpv4(value); break
      case 'ip6': spec.ip6 = checkIpv6(value); break
      case 'mac-address': spec.macAddress = checkMac(value); break
      case 'link-local-ip': linkLocalIps.push(checkIp(value)); break
      case 'gw-priority': spec.gatewayPriority = parseWhole(value); break
      case 'driver-opt': driverOptions.push(driverOption(value)); break
      default: throw refuseValue('network.field', `a network has no option "${rawKey}"`, { field: rawKey })
    }
  }
  if (spec.name === '') throw refuseValue('network.name', 'the network has no name')
  return {
    ...spec,
    ...(aliases.length > 0 && { aliases }),
    ...(linkLocalIps.length > 0 && { linkLocalIps }),
    ...(driverOptions.length > 0 && { driverOptions: Object.fromEntries(driverOptions) }),
  }
}

function driverOption(text: string): [string, string] {
  const [name, value, found] = cutPair(text)
  if (!found || name === '') throw refuseValue('network.field', `not KEY=VALUE: "${text}"`, { field: text })
  return [name.trim(), value.trim()]
}

/** The long form of a network; the short one when the name says all. */
export function formatNetwork(spec: NetworkSpec): string {
  const fields = [
    ...(spec.aliases ?? []).map((alias) => `alias=${alias}`),
    ...(spec.ip ? [`ip=${spec.ip}`] : []),
    ...(spec.ip6 ? [`ip6=${spec.ip6}`] : []),
    ...(spec.linkLocalIps ?? []).map((ip) => `link-local-ip=${ip}`),
    ...(spec.macAddress ? [`mac-address=${spec.macAddress}`] : []),
    ...(spec.gatewayPriority === undefined ? [] : [`gw-priority=${spec.gatewayPriority}`]),
    ...Object.entries(spec.driverOptions ?? {}).map(([name, value]) => `driver-opt=${name}=${value}`),
  ]
  if (fields.length === 0 && !LONG_FORM.test(spec.name)) return spec.name
  return formatCsv([`name=${spec.name}`, ...fields])
}

/** Networks that are none of the person's own: they take no aliases. */
export function isUserDefined(name: string): boolean {
  return !['default', 'bridge', 'host', 'none', 'nat'].includes(name) && !name.startsWith('container:')
}

export function checkIp(text: string): string {
  if (!isIpAddress(text.trim())) throw refuseValue('ip', `not an IP address: "${text}"`, { value: text })
  return text.trim()
}
export function checkIpv4(text: string): string {
  if (!isIpv4(text)) throw refuseValue('ip', `not an IPv4 address: "${text}"`, { value: text })
  return text
}
export function checkIpv6(text: string): string {
  if (!isIpv6(text)) throw refuseValue('ip', `not an IPv6 address: "${text}"`, { value: text })
  return text
}

const MAC = /^(?:(?:[0-9a-f]{2}([:-]))(?:[0-9a-f]{2}\1){4}(?:[0-9a-f]{2}\1){0,2}[0-9a-f]{2}|(?:[0-9a-f]{4}\.){2}(?:[0-9a-f]{4}\.)?[0-9a-f]{4})$/i

export function checkMac(text: string): string {
  if (!MAC.test(text)) throw refuseValue('mac', `not a MAC address: "${text}"`, { value: text })
  return text
}

const DOMAIN = /^[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*\.?$/

/** A domain of `--dns-search`; a dot alone means none. */
export function checkDomain(text: string): string {
  const domain = text.trim()
  if (domain !== '.' && !(/[a-zA-Z]/.test(domain) && domain.length < 255 && DOMAIN.test(domain))) {
    throw refuseValue('domain', `not a domain: "${text}"`, { value: text })
  }
  return domain
}

/** `name:ip` as the engine is given it, from `name:ip`, `name=ip` and `name=[ip6]`. @throws NaruError `invalid-request` */
export function parseExtraHost(text: string): string {
  const equals = text.indexOf('=')
  const at = equals < 0 ? text.indexOf(':') : equals
  const name = text.slice(0, Math.max(0, at))
  if (at < 1) throw refuseValue('host', `not NAME:IP: "${text}"`, { value: text })
  const rest = text.slice(at + 1)
  const ip = /^\[.+\]$/.test(rest) ? rest.slice(1, -1) : rest
  if (ip !== 'host-gateway' && !isIpAddress(ip)) throw refuseValue('host', `not an IP address: "${rest}"`, { value: rest })
  return `${name}:${ip}`
}

/** `container` or `container:alias`. */
export function checkLink(text: string): string {
  if (text === '' || text.split(':').length > 2) throw refuseValue('link', `not CONTAINER or CONTAINER:ALIAS: "${text}"`, { value: text })
  return text
}

/** Keys of ExposedPorts: `80/tcp`; a range is spread out. @throws NaruError `invalid-request` */
export function parseExpose(text: string): string[] {
  const [range = '', protocol = '', more] = text.split('/')
  const [first = '', last = first, third] = range.split('-')
  const name = protocol === '' ? 'tcp' : protocol.toLowerCase()
  const from = /^\d+$/.test(first) ? Number(first) : -1
  const to = /^\d+$/.test(last) ? Number(last) : -1
  if (more !== undefined || third !== undefined || from < 0 || to < from || to > 65_535 || !['tcp', 'udp', 'sctp'].includes(name)) {
    throw refuseValue('expose', `not a port such as 80 or 53/udp: "${text}"`, { value: text })
  }
  return Array.from({ length: to - from + 1 }, (_, offset) => `${from + offset}/${name}`)
}
