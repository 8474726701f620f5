/**
 * What must be fetched again, and when: one flight at a time, a first mark waits a moment for its companions, flights
 * that follow each other keep a distance that doubles, nothing waits beyond a bound (except for the flight before it).
 */
export interface DirtyTiming {
  /** Milliseconds a mark waits for others in calm times. */
  readonly leadMs: number
  /** Milliseconds between the starts of the first two flights after calm times. */
  readonly firstSpacingMs: number
  /** Milliseconds between the starts of two flights in a storm, the most a mark waits, and what counts as calm. */
  readonly spacingMs: number
}

/** One click makes two to four events within some 50 ms: the second flight must not wait as in a storm (ADR 6). */
export const DIRTY_TIMING: DirtyTiming = { leadMs: 10, firstSpacingMs: 40, spacingMs: 250 }

/** Beyond this many single ids the whole list is cheaper for the engine, and the request line stays short. */
const MAX_IDS = 200

export interface Dirty {
  /** Containers that something was said about. */
  readonly ids: ReadonlySet<string>
  /** The whole container list is wanted. */
  readonly all: boolean
  readonly images: boolean
}

/** Everything. */
export const ALL_DIRTY: Dirty = { ids: new Set(), all: true, images: true }

export interface DirtyQueue {
  readonly mark: (what: Partial<Dirty>) => void
  /** Marks wait until opened: the first list must come before what replays on it. */
  readonly open: () => void
  /** True while the container waits to be fetched. */
  readonly has: (container: string) => boolean
  readonly stop: () => void
}

/** `fly` fetches what it is given and never rejects. `now` in milliseconds, steady. */
export function createDirtyQueue(
  fly: (dirty: Dirty) => Promise<void>,
  now: () => number,
  timing: DirtyTiming = DIRTY_TIMING,
): DirtyQueue {
  let ids = new Set<string>()
  let all = false
  let images = false
  let flying = false
  let opened = false
  let stopped = false
  let lastStart = Number.NEGATIVE_INFINITY
  /** Milliseconds the next flight keeps from the last one. */
  let spacing = timing.firstSpacingMs
  let calm = true
  let timer: NodeJS.Timeout | undefined

  const pending = (): boolean => ids.size > 0 || all || images

  const schedule = (): void => {
    if (timer !== undefined || flying || !opened || stopped || !pending()) return
    const spaced = lastStart + spacing - now()
    timer = setTimeout(take, Math.min(timing.spacingMs, Math.max(timing.leadMs, spaced)))
  }

  const take = (): void => {
    timer = undefined
    if (stopped || !pending()) return
    const dirty: Dirty = { ids, all: all || ids.size > MAX_IDS, images }
    ids = new Set()
    all = false
    images = false
    flying = true
    lastStart = now()
    spacing = calm ? timing.firstSpacingMs : Math.min(timing.spacingMs, spacing * 2)
    calm = false
    void fly(dirty).finally(() => {
      flying = false
      schedule()
    })
  }

  return {
    mark: (what) => {
      calm ||= !pending() && !flying && now() - lastStart >= timing.spacingMs
      for (const id of what.ids ?? []) ids.add(id)
      all ||= what.all ?? false
      images ||= what.images ?? false
      schedule()
    },
    open: () => {
      opened = true
      schedule()
    },
    has: (id) => ids.has(id),
    stop: () => {
      stopped = true
      clearTimeout(timer)
    },
  }
}
