/**
 * How much memory the guest is left with. Pure. The balloon takes pages the guest could spare (its cache of files); a
 * guest that runs short takes them back by itself (`deflate-on-oom`), this rule only keeps it from getting there.
 */

export interface BalloonFacts {
  /** Memory the machine was started with, MiB. */
  readonly sizeMiB: number
  /** What it has now: size less the balloon, MiB. */
  readonly actualMiB: number
  /** The guest's own numbers, MiB. Pages of a balloon that deflates on need stay in its total. */
  readonly totalMiB: number
  readonly availableMiB: number
  /** Milliseconds since somebody used the machine. */
  readonly idleMs: number
  /** Milliseconds since the guest had to be given memory back; Infinity = never. */
  readonly sinceShortMs: number
}

/** Nobody was there for this long. */
export const BALLOON_IDLE_MS = 60_000
/** After the guest ran short it is left alone for this long. */
export const BALLOON_REST_MS = 300_000
/** Least that is left to a guest, MiB: an engine with a container needs 120. */
export const BALLOON_FLOOR_MIB = 384
/** Left on top of what is used, MiB, and a quarter of it. */
const ROOM_MIB = 192
/** A guest with less than this to give out is short, MiB. */
export const SHORT_MIB = 96
/** Not worth the work, MiB. */
const LEAST_MIB = 64

/** Memory in use inside, MiB: neither free, nor cache that could be dropped, nor in the balloon. */
export const usedMiB = ({ sizeMiB, actualMiB, totalMiB, availableMiB }: Pick<BalloonFacts, 'sizeMiB' | 'actualMiB' | 'totalMiB' | 'availableMiB'>): number =>
  Math.max(0, totalMiB - availableMiB - (sizeMiB - actualMiB))

/** True when the guest must have its memory back now. */
export const isShort = ({ sizeMiB, actualMiB, availableMiB }: Pick<BalloonFacts, 'sizeMiB' | 'actualMiB' | 'availableMiB'>): boolean =>
  actualMiB < sizeMiB && availableMiB < SHORT_MIB

/** What the guest is to have, MiB. */
export function balloonTarget(facts: BalloonFacts): number {
  const { sizeMiB, actualMiB, idleMs, sinceShortMs } = facts
  if (isShort(facts) || sinceShortMs < BALLOON_REST_MS) return sizeMiB
  if (idleMs < BALLOON_IDLE_MS) return actualMiB
  const used = usedMiB(facts)
  const wanted = Math.max(BALLOON_FLOOR_MIB, Math.ceil(used * 1.25) + ROOM_MIB)
  if (wanted >= sizeMiB) return sizeMiB
  return Math.abs(actualMiB - wanted) < LEAST_MIB ? actualMiB : wanted
}
