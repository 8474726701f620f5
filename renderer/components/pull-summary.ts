/** How far a pull or push is: share, bytes, time left. Pure. */
import type { OperationProgress, ProgressPart } from '../../engine/contract/models.ts'

export interface PullSummary {
  readonly layers: number
  /** Layers that are finished, those that were there already included. */
  readonly finished: number
  readonly existing: number
  readonly currentBytes: number
  /** Bytes of the layers whose size is known; not of those that were there already. */
  readonly totalBytes: number
  /** 0..1, or null before anything is known. */
  readonly share: number | null
  /** Milliseconds until the bytes are here; null while the speed or a size is unknown, or nothing is left. */
  readonly leftMs: number | null
  readonly phase: 'waiting' | 'downloading' | 'pushing' | 'unpacking'
}

/** Fetching is most of the work, unpacking the rest. */
const FETCH_WEIGHT = 0.85
const FETCHED: ReadonlySet<string> = new Set(['verifying', 'downloaded', 'extracting', 'done'])

/** Bytes are on their way. */
export const MOVING: ReadonlySet<string> = new Set(['downloading', 'pushing', 'copying', 'reading'])

/** Nothing had to be moved. */
const wasThere = ({ state }: ProgressPart): boolean => state === 'exists' || state === 'mounted'
export const isFinished = (part: ProgressPart): boolean => part.state === 'done' || wasThere(part)

/** Bytes of a layer that have come, or gone. */
export function fetchedBytes({ state, currentBytes = 0, totalBytes = 0 }: ProgressPart): number {
  return FETCHED.has(state) ? totalBytes : MOVING.has(state) ? Math.min(currentBytes, totalBytes || currentBytes) : 0
}

/** How much of a layer's own work is done, 0..1; null while that cannot be told. */
export function partShare(part: ProgressPart): number | null {
  const { state, currentBytes = 0, totalBytes = 0 } = part
  if (isFinished(part) || state === 'downloaded' || state === 'verifying') return 1
  if (state === 'waiting' || state === 'retrying') return 0
  return totalBytes > 0 ? Math.min(1, currentBytes / totalBytes) : null
}

function work(part: ProgressPart): number {
  if (part.state === 'done') return 1
  if (part.state === 'extracting') return FETCH_WEIGHT + (1 - FETCH_WEIGHT) * (partShare(part) ?? 0.5)
  if (part.state === 'reading') return partShare(part) ?? 0
  if (part.state === 'downloaded' || part.state === 'verifying') return FETCH_WEIGHT
  if (part.state === 'copying' || part.state === 'pushing') return partShare(part) ?? 0
  return part.state === 'downloading' ? FETCH_WEIGHT * (partShare(part) ?? 0) : 0
}

/** Share of all work: by bytes once every size is known, by layers before. */
function shareOf(parts: readonly ProgressPart[]): number | null {
  if (parts.length === 0) return null
  const fresh = parts.filter((part) => !wasThere(part))
  if (fresh.length === 0) return 1
  const sized = fresh.every((part) => (part.totalBytes ?? 0) > 0 || part.state === 'done')
  const weigh = (part: ProgressPart): number => (sized ? Math.max(1, part.totalBytes ?? 1) : 1)
  const all = fresh.reduce((sum, part) => sum + weigh(part), 0)
  return fresh.reduce((sum, part) => sum + work(part) * weigh(part), 0) / all
}

export function summarisePull(progress: OperationProgress | undefined): PullSummary {
  const parts = progress?.parts ?? []
  const fresh = parts.filter((part) => !wasThere(part))
  const totalBytes = fresh.reduce((sum, part) => sum + (part.totalBytes ?? 0), 0)
  const currentBytes = fresh.reduce((sum, part) => sum + fetchedBytes(part), 0)
  const sizesKnown = fresh.every((part) => part.state === 'done' || (part.totalBytes ?? 0) > 0)
  const speed = progress?.bytesPerSecond ?? 0
  const left = totalBytes - currentBytes
  const moving = fresh.some((part) => MOVING.has(part.state) || part.state === 'retrying')
  const unpacking = fresh.some((part) => FETCHED.has(part.state))
  return {
    layers: parts.length,
    finished: parts.filter(isFinished).length,
    existing: parts.length - fresh.length,
    currentBytes,
    totalBytes,
    share: shareOf(parts),
    leftMs: sizesKnown && speed > 0 && left > 0 ? Math.ceil(left / speed) * 1_000 : null,
    phase: progress?.step === 'pushing' && parts.length > 0 ? 'pushing' : moving ? 'downloading' : unpacking ? 'unpacking' : 'waiting',
  }
}
