/** IP addresses as text, without node: so that the renderer can use it too. Accepts what Go's net.ParseIP accepts. */

const IPV4_PART = /^(?:0|[1-9]\d{0,2})$/

export function isIpv4(text: string): boolean {
  const parts = text.split('.')
  return parts.length === 4 && parts.every((part) => IPV4_PART.test(part) && Number(part) <= 255)
}

/** No zone, no brackets. An IPv4 tail (`::ffff:1.2.3.4`) counts as two groups. */
export function isIpv6(text: string): boolean {
  const halves = text.split('::')
  if (halves.length > 2 || !text.includes(':')) return false
  const groups = halves.map((half, index) => countGroups(half, index === halves.length - 1))
  if (groups.some((count) => count < 0)) return false
  const total = groups.reduce((sum, count) => sum + count, 0)
  return halves.length === 2 ? total < 8 : total === 8
}

/** Number of 16-bit groups of one side of `::`, or -1 when it is malformed. */
function countGroups(half: string, isLast: boolean): number {
  if (half === '') return 0
  const groups = half.split(':')
  let count = 0
  for (const [index, group] of groups.entries()) {
    if (/^[0-9a-fA-F]{1,4}$/.test(group)) count += 1
    else if (isLast && index === groups.length - 1 && isIpv4(group)) count += 2
    else return -1
  }
  return count
}

export function isIpAddress(text: string): boolean {
  return isIpv4(text) || isIpv6(text)
}

/** `host:port`, with brackets around IPv6. */
export function joinHostPort(host: string, port: string | number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}
