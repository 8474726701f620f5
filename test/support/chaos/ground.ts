/** What the work of a round works with. */
import { randomBytes } from 'node:crypto'
import type { Operations } from '../../../engine/contract/contract.ts'
import type { OperationName, OperationRow } from '../../../engine/contract/models.ts'
import type { NativePaths } from '../../../engine/providers/native/paths.ts'
import { within } from '../../../engine/providers/retry.ts'
import type { ChaosRoom } from './chaos-room.ts'
import type { Kept } from './kept.ts'
import type { WorkKind } from './plan.ts'

export const ENGINE = 'native'
export const BASE = 'naru-chaos/base:1'
/** Nothing of a chaos run takes as long, milliseconds: what does has hung. */
export const WORK_LIMIT_MS = 60_000

export interface Ground {
  /** The room there is now; another one after it was killed. */
  readonly room: () => ChaosRoom
  readonly paths: NativePaths
  /** Holds what is saved and built from. */
  readonly folder: string
  /** `HOST:PORT/chaos/imageN:1` of every image that can be pulled. */
  readonly remote: readonly string[]
  readonly kept: Kept
  readonly random: () => number
  /** Never the same number twice. */
  readonly number: () => number
  /** Containers and images something of this round works on already. */
  readonly busy: Set<string>
}

/** How a piece of work ended. `lost`: with its page or room. `failed` has a code. */
export interface Outcome {
  readonly work: WorkKind
  readonly end: 'done' | 'failed' | 'cancelled' | 'lost'
  readonly code?: string
  /** The engine's own words, for what has no better code than `internal`. */
  readonly words?: string
  /** What is wrong with it, when something is. */
  readonly problem?: string
}

export const DONE = { end: 'done' } as const
export const LOST = { end: 'lost' } as const

/** @throws Error when the work hangs */
export function bounded<T>(what: string, work: Promise<T>, limitMs = WORK_LIMIT_MS): Promise<T> {
  return within(limitMs, new AbortController().signal, () => new Error(`${what} hangs: no end within ${limitMs} ms`), () => work)
}

/** Runs an operation to its end; null when the room went. */
export async function operate<N extends OperationName>({ room }: Ground, name: N, arg: Operations[N]['arg']): Promise<OperationRow | null> {
  const at = room()
  const id = await at.start(name, arg)
  return bounded(name, at.settled(id))
}

/** @param row null: the room went */
export function endOf(row: OperationRow | null): Omit<Outcome, 'work'> {
  if (row === null) return LOST
  if (row.status === 'succeeded') return DONE
  if (row.status === 'cancelled') return { end: 'cancelled' }
  const { code, message, detail } = row.error ?? { code: '', message: 'no error' }
  return { end: 'failed', code, words: `${row.name}: ${message}${detail ? ` (${detail.slice(0, 300)})` : ''}` }
}

export const noise = (bytes: number): Buffer => randomBytes(bytes)

/** One of these that nothing works on yet; it is taken. */
export function take(ground: Ground, from: Iterable<string>): string | undefined {
  const free = [...from].filter((one) => !ground.busy.has(one))
  const one = free[Math.floor(ground.random() * free.length)]
  if (one !== undefined) ground.busy.add(one)
  return one
}
