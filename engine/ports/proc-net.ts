/** Reads the kernel's socket tables (`/proc/net/tcp`, `tcp6`, `udp`, `udp6`, `sctp/eps`). Pure. Format: proc(5), net/sctp/proc.c. */
import type { PortProtocol } from '../contract/models.ts'

export interface Listener {
  readonly protocol: PortProtocol
  readonly ip: string
  readonly port: number
  readonly inode: number
  /** User the socket belongs to. */
  readonly uid: number
}

/** Socket states: 0A = LISTEN; an unconnected (bound) UDP socket says 07. */
const OPEN_STATE = { tcp: '0A', udp: '07' } as const
/** sl: local remote state tx:rx timer:when retransmits uid timeout inode */
const LINE = /^\s*\d+: ([0-9A-F]+):([0-9A-F]{4}) [0-9A-F]+:[0-9A-F]{4} ([0-9A-F]{2}) \S+ \S+ \S+\s+(\d+)\s+\d+ (\d+)/gim

/** Sockets that wait for someone: listening TCP or bound UDP ones. Lines that do not fit are passed over. */
export function parseSocketTable(text: string, protocol: 'tcp' | 'udp'): Listener[] {
  const listeners: Listener[] = []
  for (const [, address = '', port = '', state, uid, inode] of text.matchAll(LINE)) {
    if (state?.toUpperCase() !== OPEN_STATE[protocol]) continue
    const ip = decodeAddress(address)
    const number = Number.parseInt(port, 16)
    if (ip !== null && number > 0) listeners.push({ protocol, ip, port: number, inode: Number(inode), uid: Number(uid) })
  }
  return listeners
}

/** The kernel tells all listening TCP sockets before the connected ones: after the first of those nothing more waits. */
export const hasConnected = (text: string): boolean => /: [0-9A-F]+:[0-9A-F]{4} [0-9A-F]+:[0-9A-F]{4} (?!0A)[0-9A-F]{2} /i.test(text)

/** ENDPT SOCK STY SST HBKT LPORT UID INODE LADDRS…; SST 10 = LISTENING. */
const ENDPOINT = /^\s*[0-9a-f]+ [0-9a-f]+ \d+\s+(\d+)\s+\d+\s+(\d+)\s+(\d+)\s+(\d+)\s+(\S.*)$/gim
const SCTP_LISTENING = 10

/** SCTP endpoints that wait for someone; one entry per address. The table is only there once the kernel speaks SCTP. */
export function parseSctpTable(text: string): Listener[] {
  return [...text.matchAll(ENDPOINT)].flatMap(([, state, port, uid, inode, addresses = '']) => {
    if (Number(state) !== SCTP_LISTENING || Number(port) < 1) return []
    const socket = { protocol: 'sctp', port: Number(port), inode: Number(inode), uid: Number(uid) } as const
    return addresses.trim().split(/\s+/).map((address) => ({ ...socket, ip: plainIpv6(address.replace(/^\*/, '')) }))
  })
}

/** SCTP addresses are written in full: `0000:0000:…:0001`. */
function plainIpv6(text: string): string {
  const groups = text.split(':')
  if (groups.length !== 8) return text
  const bytes = groups.flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255])
  return isMappedIpv4(bytes) ? bytes.slice(12).join('.') : shortIpv6(bytes)
}

/** Each 32-bit word is written in the byte order of the machine: little-endian on all that Naru supports. */
function decodeAddress(hex: string): string | null {
  if (!/^(?:[0-9A-F]{8}|[0-9A-F]{32})$/i.test(hex)) return null
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap((word) => (word.match(/../g) ?? []).reverse().map((pair) => Number.parseInt(pair, 16)))
  if (bytes.length === 4) return bytes.join('.')
  if (isMappedIpv4(bytes)) return bytes.slice(12).join('.')
  return shortIpv6(bytes)
}

function isMappedIpv4(bytes: readonly number[]): boolean {
  return bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255 && bytes[11] === 255
}

/** RFC 5952: the longest run of zero groups becomes `::`. */
function shortIpv6(bytes: readonly number[]): string {
  const groups = Array.from({ length: 8 }, (_, i) => (((bytes[i * 2] ?? 0) << 8) | (bytes[i * 2 + 1] ?? 0)).toString(16))
  let best = { at: 0, length: 0 }
  for (let at = 0; at < 8; at++) {
    let length = 0
    while (at + length < 8 && groups[at + length] === '0') length++
    if (length > best.length) best = { at, length }
  }
  if (best.length < 2) return groups.join(':')
  return `${groups.slice(0, best.at).join(':')}::${groups.slice(best.at + best.length).join(':')}`
}
