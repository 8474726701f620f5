/** Flags about networks and names. Pure. */
import type { RunSpec } from '../../contract/models.ts'
import {
  checkDomain, checkIp, checkIpv4, checkIpv6, checkLink, checkMac, formatNetwork, parseExpose, parseExtraHost, parseNetwork,
} from '../values/network.ts'
import { kindsOf } from './kinds.ts'
import type { Draft, SupportedFlag } from './kinds.ts'

const kinds = kindsOf('network')

/** The first network, when its options are written as flags of their own. */
function shortFirst(spec: RunSpec) {
  const first = spec.networks?.[0]
  const isLong = first?.driverOptions !== undefined || first?.gatewayPriority !== undefined || (first && formatNetwork({ name: first.name }) !== first.name)
  return isLong ? undefined : first
}

/** A flag that belongs to the first network. */
function ofFirst(name: string, read: (value: string, first: Draft['first']) => void, write: (first: NonNullable<RunSpec['networks']>[number]) => readonly string[], also?: readonly string[]): SupportedFlag {
  return kinds.own(
    name,
    ['networks'],
    (value, { first }) => read(value, first),
    (spec) => {
      const first = shortFirst(spec)
      return first ? write(first).flatMap((value) => [`--${name}`, value]) : []
    },
    also ? { also } : {},
  )
}

export const NETWORK_FLAGS: readonly SupportedFlag[] = [
  kinds.own(
    'network',
    ['networks'],
    (value, { spec }) => void (spec.networks = [...(spec.networks ?? []), parseNetwork(value)]),
    (spec) => (spec.networks ?? []).flatMap((network) => ['--network', network === shortFirst(spec) ? network.name : formatNetwork(network)]),
    { also: ['net'] },
  ),
  ofFirst('network-alias', (value, first) => void (first.aliases = [...(first.aliases ?? []), value]), ({ aliases = [] }) => aliases, ['net-alias']),
  ofFirst('ip', (value, first) => void (first.ip = checkIpv4(value)), ({ ip }) => (ip ? [ip] : [])),
  ofFirst('ip6', (value, first) => void (first.ip6 = checkIpv6(value)), ({ ip6 }) => (ip6 ? [ip6] : [])),
  ofFirst('link-local-ip', (value, first) => void (first.linkLocalIps = [...(first.linkLocalIps ?? []), checkIp(value)]), ({ linkLocalIps = [] }) => linkLocalIps),
  ofFirst('mac-address', (value, first) => void (first.macAddress = checkMac(value)), ({ macAddress }) => (macAddress ? [macAddress] : [])),
  kinds.list('expose', 'expose', parseExpose),
  kinds.flag('publish-all', 'publishAll', { short: 'P' }),
  kinds.list('link', 'links', checkLink),
  kinds.list('dns', 'dns', checkIp),
  kinds.list('dns-search', 'dnsSearch', checkDomain),
  kinds.list('dns-option', 'dnsOptions', undefined, { also: ['dns-opt'] }),
  kinds.list('add-host', 'extraHosts', parseExtraHost),
]
