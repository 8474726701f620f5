/**
 * `-p` values as the docker CLI reads them, and the PORTS column as `docker ps` prints it. Pure.
 * Source of the rules: github.com/docker/go-connections/nat (nat.go, parse.go) and docker/cli
 * (cli/command/container/opts.go for the `published=…` form, cli/command/formatter/container.go for the column).
 */
import { NaruError } from '../contract/errors.ts'
import type { PortProtocol, PortSpec } from '../contract/models.ts'
import { isIpAddress, joinHostPort } from './address.ts'

const PROTOCOLS: readonly string[] = ['tcp', 'udp', 'sctp']
const MAX_PORT = 65_535

/**
 * One entry per container port. `hostIp` and `hostPort` are empty when not given (the engine then chooses);
 * a host range over a single container port stays a range (`8000-8010`: the engine takes a free one).
 * @throws NaruError `invalid-request` (params {spec}, hint naming the rule) for everything docker refuses.
 */
export function parsePortSpecs(specs: readonly string[]): PortSpec[] {
  return specs.flatMap((spec) => parseOne(spec, spec.includes('=') ? fromLongForm(spec) : spec))
}

/**
 * One `-p` value as it was written: ranges stay ranges, so that a form can show and formatPortSpec write it again.
 * @throws NaruError as parsePortSpecs
 */
export function parsePublished(spec: string): PortSpec {
  parsePortSpecs([spec])
  const parts = (spec.includes('=') ? fromLongForm(spec) : spec).split(':')
  const { port, protocol } = splitProtocol(parts.at(-1) ?? '')
  return {
    containerPort: port,
    protocol: isProtocol(protocol) ? protocol : 'tcp',
    hostIp: checkedIp(spec, parts.slice(0, -2).join(':')),
    hostPort: parts.length > 1 ? (parts.at(-2) ?? '') : '',
  }
}

/** `published=8080,target=80,protocol=tcp` as the short form it stands for. */
function fromLongForm(spec: string): string {
  const fields = new Map([['protocol', 'tcp']])
  for (const field of spec.split(',')) {
    const equals = field.indexOf('=')
    if (equals < 1) throw refuse(spec, 'long-form', `invalid publish opts format (should be name=value but got '${field}')`)
    fields.set(field.slice(0, equals), field.slice(equals + 1))
  }
  return `${fields.get('published') ?? ''}:${fields.get('target') ?? ''}/${fields.get('protocol') ?? ''}`
}

function parseOne(spec: string, short: string): PortSpec[] {
  const parts = short.split(':')
  const target = parts.at(-1) ?? ''
  const hostPort = parts.length > 1 ? (parts.at(-2) ?? '') : ''
  const hostIp = checkedIp(spec, parts.slice(0, -2).join(':'))
  const { port, protocol } = splitProtocol(target)
  if (port === '') throw refuse(spec, 'no-port', `no port specified: ${short}<empty>`)
  const container = parseRange(port)
  if (!container) throw refuse(spec, 'container-port', `invalid containerPort: ${port}`)
  const host = hostPort === '' ? null : parseRange(hostPort)
  if (hostPort !== '' && !host) throw refuse(spec, 'host-port', `invalid hostPort: ${hostPort}`)
  const single = container.start === container.end
  if (host && !single && host.end - host.start !== container.end - container.start) {
    throw refuse(spec, 'ranges', `invalid ranges specified for container and host Ports: ${port} and ${hostPort}`)
  }
  if (!isProtocol(protocol)) throw refuse(spec, 'protocol', `invalid proto: ${protocol}`)
  return Array.from({ length: container.end - container.start + 1 }, (_, offset) => ({
    containerPort: String(container.start + offset),
    protocol,
    hostIp,
    hostPort: host ? hostPortOf(host, offset, single) : '',
  }))
}

function hostPortOf(host: Range, offset: number, singleTarget: boolean): string {
  const first = String(host.start + offset)
  return singleTarget && host.start !== host.end ? `${first}-${host.end}` : first
}

function checkedIp(spec: string, text: string): string {
  if (text === '') return ''
  const bracketed = /^\[(.*)\]$/.exec(text)
  const ip = bracketed ? (bracketed[1] ?? '') : text
  if (ip !== '' && !isIpAddress(ip)) throw refuse(spec, 'ip', `invalid IP address: ${ip}`)
  return ip
}

/** `80/udp` → 80, udp; the protocol defaults to tcp and is read in any case. */
function splitProtocol(text: string): { port: string; protocol: string } {
  const [port = '', protocol = ''] = text.split('/')
  return { port, protocol: protocol === '' ? 'tcp' : protocol.toLowerCase() }
}

function isProtocol(text: string): text is PortProtocol {
  return PROTOCOLS.includes(text)
}

interface Range {
  readonly start: number
  readonly end: number
}

function parseRange(text: string): Range | null {
  const dash = text.indexOf('-')
  const start = parsePort(dash < 0 ? text : text.slice(0, dash))
  const end = dash < 0 ? start : parsePort(text.slice(dash + 1))
  return start === null || end === null || end < start ? null : { start, end }
}

function parsePort(text: string): number | null {
  if (!/^\d+$/.test(text)) return null
  const port = Number(text)
  return port <= MAX_PORT ? port : null
}

function refuse(spec: string, hint: string, message: string): NaruError {
  return new NaruError('invalid-request', message, { params: { spec }, hint: `port.${hint}` })
}

/** A `-p` value that parsePortSpecs reads back as `spec`. */
export function formatPortSpec(spec: PortSpec): string {
  const target = spec.protocol === 'tcp' ? spec.containerPort : `${spec.containerPort}/${spec.protocol}`
  if (spec.hostIp !== '') return `${joinHostPort(spec.hostIp, spec.hostPort)}:${target}`
  return spec.hostPort === '' ? target : `${spec.hostPort}:${target}`
}

/** Member of `Ports` in the answer of GET /containers/json. */
export interface ListedPort {
  readonly IP?: string
  readonly PrivatePort: number
  readonly PublicPort?: number
  readonly Type: string
}

interface Run {
  readonly ip: string
  readonly type: string
  first: number
  last: number
}

/**
 * The PORTS column of `docker ps`: neighbouring ports with equal numbers inside and outside are joined to ranges,
 * the others follow one by one: `0.0.0.0:80-81->80-81/tcp, [::]:8080->80/tcp`.
 */
export function formatPorts(ports: readonly ListedPort[] | null | undefined): string {
  const runs = new Map<string, Run>()
  const finished: string[] = []
  const mapped: string[] = []
  for (const port of [...(ports ?? [])].sort(comparePorts)) {
    const ip = port.IP ?? ''
    if (ip !== '' && (port.PublicPort ?? 0) !== port.PrivatePort) {
      mapped.push(`${joinHostPort(ip, port.PublicPort ?? 0)}->${port.PrivatePort}/${port.Type}`)
      continue
    }
    const key = `${ip}/${port.Type}`
    const run = runs.get(key)
    if (run && port.PrivatePort === run.last + 1) run.last = port.PrivatePort
    else {
      if (run) finished.push(formatRun(run))
      // Assigning to a known key keeps its place, and the places are docker's order of groups.
      runs.set(key, { ip, type: port.Type, first: port.PrivatePort, last: port.PrivatePort })
    }
  }
  return [...finished, ...[...runs.values()].map(formatRun), ...mapped].join(', ')
}

function formatRun({ ip, type, first, last }: Run): string {
  const span = first === last ? String(first) : `${first}-${last}`
  return ip === '' ? `${span}/${type}` : `${joinHostPort(ip, span)}->${span}/${type}`
}

function comparePorts(a: ListedPort, b: ListedPort): number {
  return (
    a.PrivatePort - b.PrivatePort ||
    compareText(a.IP ?? '', b.IP ?? '') ||
    (a.PublicPort ?? 0) - (b.PublicPort ?? 0) ||
    compareText(a.Type, b.Type)
  )
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
