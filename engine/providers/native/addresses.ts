/**
 * Addresses of embedded engines. 10.213.0.0/16 and the fifteen /16 after it are cut into 64 slots of /18; one engine
 * takes one slot: a bridge, a pool for user networks, and a link to the machine.
 */

export interface Cidr {
  /** First address as an unsigned number. */
  readonly base: number
  readonly prefix: number
}

export interface Slot {
  readonly index: number
  /** The whole slot: `10.213.0.0/18`. */
  readonly network: string
  /** Address and size of the default bridge. */
  readonly bridge: string
  /** Pool for user networks (32 networks of /24). */
  readonly pool: string
  readonly linkPrefix: number
  /** The machine's end of the link; also where the engine finds the machine's loopback. */
  readonly hostAddress: string
  /** The engine's end; containers' outgoing traffic carries it. */
  readonly engineAddress: string
  /** Source address of what the daemon itself sends to the machine's loopback; containers in networks of their own never carry it. */
  readonly loopbackSource: string
}

export const SLOT_COUNT = 64

/** Dotted text of an unsigned 32-bit number. */
export const dotted = (value: number): string =>
  [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.')

/** `a.b.c.d` or `a.b.c.d/n` as a range; null for anything else. */
export function parseCidr(text: string): Cidr | null {
  const match = /^(\d+)\.(\d+)\.(\d+)\.(\d+)(?:\/(\d+))?$/.exec(text)
  if (!match) return null
  const parts = match.slice(1, 5).map(Number)
  const prefix = match[5] === undefined ? 32 : Number(match[5])
  if (parts.some((part) => part > 255) || prefix > 32) return null
  const value = parts.reduce((sum, part) => sum * 256 + part, 0)
  const size = 2 ** (32 - prefix)
  return { base: Math.floor(value / size) * size, prefix }
}

/** True when the ranges share an address. */
export function overlaps(a: Cidr, b: Cidr): boolean {
  const end = (range: Cidr): number => range.base + 2 ** (32 - range.prefix)
  return a.base < end(b) && b.base < end(a)
}

/** Addresses of slot `index` (0 … 63). */
export function slotAt(index: number): Slot {
  const base = (10 * 256 + 213 + Math.floor(index / 4)) * 65536 + (index % 4) * 64 * 256
  const at = (offset: number): string => dotted(base + offset)
  return {
    index,
    network: `${at(0)}/18`,
    bridge: `${at(1)}/24`,
    pool: `${at(32 * 256)}/19`,
    linkPrefix: 29,
    hostAddress: at(256 + 1),
    engineAddress: at(256 + 2),
    loopbackSource: at(256 + 3),
  }
}

/**
 * The slot to use: the preferred one or the next free one. Ranges of the machine's routes count as taken; when all are
 * (a VPN that claims all of 10.0.0.0/8), a slot that only a route wider than /16 covers will do, because ours is more
 * specific. Null when even that is impossible.
 */
export function chooseSlot(preferred: number, taken: readonly Cidr[]): Slot | null {
  const inOrder = Array.from({ length: SLOT_COUNT }, (_, step) => slotAt((preferred + step) % SLOT_COUNT))
  const free = (ranges: readonly Cidr[]) => (slot: Slot) => {
    const range = parseCidr(slot.network)
    return range !== null && !ranges.some((other) => overlaps(range, other))
  }
  return inOrder.find(free(taken)) ?? inOrder.find(free(taken.filter((range) => range.prefix >= 16))) ?? null
}

/** Words that may stand before a route's destination (ip-route(8)). */
const ROUTE_TYPES = new Set(['unicast', 'local', 'broadcast', 'multicast', 'anycast', 'unreachable', 'prohibit', 'blackhole', 'throw', 'nat'])

/** Destinations in the text of `ip -4 route show table all`, without default routes and without those of device `own`. */
export function routedRanges(text: string, own: string): readonly Cidr[] {
  return text
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((words) => words[words.indexOf('dev') + 1] !== own)
    .map((words) => parseCidr((ROUTE_TYPES.has(words[0] ?? '') ? words[1] : words[0]) ?? ''))
    .filter((range): range is Cidr => range !== null && range.prefix > 0)
}
