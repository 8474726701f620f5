/** Reads the kernel's socket tables (`/proc/net/tcp`, `tcp6`, `udp`, `udp6`). Pure. Format: proc(5). */

export interface Listener {
  readonly ip: string
  readonly port: number
  readonly inode: number
}

/** Socket states: 0A = LISTEN; an unconnected (bound) UDP socket says 07. */
const OPEN_STATE = { tcp: '0A', udp: '07' } as const

/** Sockets that wait for someone: listening TCP or bound UDP ones. Lines that do not fit are passed over. */
export function parseSocketTable(text: string, protocol: 'tcp' | 'udp'): Listener[] {
  const listeners: Listener[] = []
  for (const line of text.split('\n').slice(1)) {
    const fields = line.trim().split(/\s+/)
    const [address = '', port = ''] = (fields[1] ?? '').split(':')
    const inode = Number(fields[9])
    if (fields[3] !== OPEN_STATE[protocol] || !Number.isSafeInteger(inode)) continue
    const ip = decodeAddress(address)
    const number = Number.parseInt(port, 16)
    if (ip !== null && number > 0) listeners.push({ ip, port: number, inode })
  }
  return listeners
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
