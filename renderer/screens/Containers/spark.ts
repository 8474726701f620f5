/** What the small line of a row shows. */
import type { Seen } from '../../stores/stats.ts'

export interface Spark {
  readonly values: readonly (number | null)[]
  /** The value at the upper edge: what idles is a flat line at the foot, however its noise compares with itself. */
  readonly top: number
  readonly least: number
  readonly most: number
  /** From the first value to the last, ms. */
  readonly spanMs: number
}

/** What stays as it is lies in the middle of the picture: what grows has room. */
const ROOM = 1.6
/** Percent of a core, and bytes, that fill the picture at least. */
const FLOOR = { cpu: 10, memory: 16 * 1024 * 1024 } as const

/** Null until there are two values to draw a line between. */
export function sparkOf(seen: Seen | null, figure: 'cpu' | 'memory'): Spark | null {
  const values = (seen?.recent ?? []).map((point) => point[figure])
  const known = values.filter((value) => value !== null)
  if (!seen || known.length < 2) return null
  const most = Math.max(...known)
  return {
    values,
    top: Math.max(most * ROOM, FLOOR[figure]),
    least: Math.min(...known),
    most,
    spanMs: (seen.recent.at(-1)?.at ?? 0) - (seen.recent[0]?.at ?? 0),
  }
}
