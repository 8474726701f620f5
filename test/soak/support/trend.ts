/** Whether a figure that is read again and again grows. Pure. */

export interface Reading {
  /** Minutes since the first one. */
  readonly at: number
  readonly value: number
}

/** Slopes between any two readings, per minute. */
const slopesOf = (readings: readonly Reading[]): readonly number[] =>
  readings.flatMap((one, index) => readings.slice(index + 1).flatMap((other) => (other.at > one.at ? [(other.value - one.value) / (other.at - one.at)] : [])))

/** The median of all slopes between two readings (Theil–Sen), per minute: single readings that stray hardly move it. 0 for fewer than two. */
export const slopeOf = (readings: readonly Reading[]): number => medianOf(slopesOf(readings))

/**
 * What two thirds of these slopes are at least. One step from a level to another, anywhere, is crossed by half of all
 * pairs and moves the median; this it does not move. Three steps and more it takes for growth.
 */
export function steadySlopeOf(readings: readonly Reading[]): number {
  const sorted = [...slopesOf(readings)].sort((one, other) => one - other)
  return sorted[Math.floor(sorted.length / 3)] ?? 0
}

/** 0 for none; between the two in the middle where there are two. */
export function medianOf(values: readonly number[]): number {
  if (values.length === 0) return 0
  const sorted = [...values].sort((one, other) => one - other)
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle] ?? 0
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2
}

/** The readings of the second half of the time: before it, what is used for the first time takes its place. */
export function secondHalf(readings: readonly Reading[]): readonly Reading[] {
  const last = readings.at(-1)?.at ?? 0
  const first = readings[0]?.at ?? 0
  return readings.filter(({ at }) => at >= first + (last - first) / 2)
}

/** How much a figure may grow. */
export interface Bound {
  readonly perMinute: number
  /** How far single readings of something that does not grow lie from each other; it weighs less the longer the time is. */
  readonly noise: number
}

export interface Verdict {
  /** Per minute. */
  readonly slope: number
  /** What is judged, per minute. */
  readonly steady: number
  readonly most: number
  /** Readings the slope is of. */
  readonly count: number
  readonly grows: boolean
}

/** Judges the second half of the readings. */
export function judge(readings: readonly Reading[], { perMinute, noise }: Bound): Verdict {
  const half = secondHalf(readings)
  const minutes = (half.at(-1)?.at ?? 0) - (half[0]?.at ?? 0)
  const steady = steadySlopeOf(half)
  const most = minutes > 0 ? perMinute + noise / minutes : Number.POSITIVE_INFINITY
  return { slope: slopeOf(half), steady, most, count: half.length, grows: steady > most }
}
