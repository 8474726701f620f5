/**
 * One engine followed for as long as it is wanted: events, the list they build on, marks, a whole list now and then,
 * and trying again after the engine went away.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { isCancelled, NaruError, toEnvelope } from '../contract/errors.ts'
import type { RawEvent } from '../docker/api-types.ts'
import type { EngineClient } from '../docker/engine-client.ts'
import { readEvent } from '../docker/events.ts'
import type { PlainEvent } from '../docker/events.ts'
import { ALL_DIRTY, createDirtyQueue } from './dirty.ts'
import type { Dirty, DirtyQueue, DirtyTiming } from './dirty.ts'
import { marksOf } from './event-marks.ts'

export interface FollowTiming extends DirtyTiming {
  /** Milliseconds between whole lists. */
  readonly reconcileMs: number
  /** Milliseconds before the first and, growing twofold, between later tries after the engine went away. */
  readonly retryMs: readonly [first: number, last: number]
}

export interface FollowOptions {
  readonly client: Pick<EngineClient, 'events'>
  readonly timing: FollowTiming
  readonly now: () => number
  readonly log: (line: string) => void
  /**
   * Fetches and applies what is dirty. `waiting` tells whether a container was marked again meanwhile. A rejection
   * means that the engine cannot be read.
   */
  readonly fetch: (dirty: Dirty, signal: AbortSignal, waiting: (id: string) => boolean) => Promise<void>
  readonly onEvent: (event: PlainEvent) => void
  /** The same event as the engine told it. */
  readonly onRaw?: (raw: RawEvent) => void
  /** True while no whole list is wanted. */
  readonly resting?: () => boolean
  readonly onRunChange: (container: string) => void
  /** The rows are the engine's now; `mark` has something fetched again until the engine is lost. */
  readonly onLive: (mark: DirtyQueue['mark']) => void
  readonly onStale: () => void
}

/** Events remembered to know again those that a resumed stream repeats. */
const REMEMBERED = 256

/** Follows until `signal` is aborted. Never rejects. */
export async function follow(options: FollowOptions, signal: AbortSignal): Promise<void> {
  const { timing, log } = options
  const memory = createMemory()
  let failures = 0
  while (!signal.aborted) {
    try {
      await session(options, memory, signal, (mark) => {
        failures = 0
        options.onLive(mark)
      })
    } catch (error) {
      if (signal.aborted) return
      // A resumed stream may be what the engine refuses.
      if (failures > 0) memory.forget()
      const { code, message } = toEnvelope(error)
      log(`engine lost (${code}): ${message}`)
      options.onStale()
    }
    const [first, last] = timing.retryMs
    await sleep(Math.min(last, first * 2 ** failures++), undefined, { signal }).catch(() => undefined)
  }
}

/** From subscription to the loss of the engine. Always rejects. */
async function session(
  options: FollowOptions,
  memory: Memory,
  outer: AbortSignal,
  onLive: FollowOptions['onLive'],
): Promise<never> {
  const { client, timing, fetch } = options
  const scope = new AbortController()
  const signal = AbortSignal.any([outer, scope.signal])
  const queue = createDirtyQueue(
    async (dirty) => {
      try {
        await fetch(dirty, signal, queue.has)
      } catch (error) {
        scope.abort(isCancelled(error) && !signal.aborted ? undefined : error)
      }
    },
    () => performance.now(),
    timing,
  )
  let onOpen = (): void => undefined
  const open = new Promise<void>((resolve) => {
    onOpen = resolve
  })
  const pumping = (async (): Promise<never> => {
    for await (const raw of client.events({ since: memory.since(), signal, onOpen })) {
      if (!memory.isNew(raw)) continue
      const event = readEvent(raw, options.now())
      const marks = marksOf(event, raw.Actor?.Attributes?.['container'])
      if (marks?.run) options.onRunChange(marks.run)
      if (marks) queue.mark(marks.dirty)
      options.onEvent(event)
      options.onRaw?.(raw)
    }
    throw new NaruError('engine.unreachable', 'the event stream ended')
  })()
  let reconcile: NodeJS.Timeout | undefined
  try {
    await Promise.race([open, pumping])
    await Promise.race([fetch(ALL_DIRTY, signal, () => true), pumping])
    onLive(queue.mark)
    queue.open()
    reconcile = setInterval(() => {
      if (!options.resting?.()) queue.mark(ALL_DIRTY)
    }, timing.reconcileMs)
    return await pumping
  } finally {
    clearInterval(reconcile)
    queue.stop()
    scope.abort()
    await pumping.catch(() => undefined)
  }
}

interface Memory {
  /** False for an event that was seen already. */
  readonly isNew: (raw: RawEvent) => boolean
  /** Where to resume the stream, as the API's `since`; undefined before the first event. */
  readonly since: () => string | undefined
  readonly forget: () => void
}

function createMemory(): Memory {
  let seen: string[] = []
  let last: number | undefined
  return {
    isNew: (raw) => {
      const key = `${raw.timeNano} ${raw.Type} ${raw.Action ?? raw.status} ${raw.Actor?.ID ?? raw.id}`
      if (seen.includes(key)) return false
      seen.push(key)
      if (seen.length > REMEMBERED) seen.shift()
      if (raw.timeNano) last = Math.max(last ?? 0, raw.timeNano)
      return true
    },
    since: () => {
      if (last === undefined) return undefined
      const seconds = Math.floor(last / 1e9)
      return `${seconds}.${String(Math.floor(last - seconds * 1e9)).padStart(9, '0')}`
    },
    forget: () => {
      seen = []
      last = undefined
    },
  }
}
