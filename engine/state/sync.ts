/**
 * The mirror of one engine: subscribe to its events first, then list, then replay. An event marks what it speaks of,
 * only that is fetched again; a whole list from time to time heals what no event told. While the engine does not
 * answer the rows stay, marked stale, and the mirror tries again by itself.
 */
import type { ContainerRow, EngineEvent, ImageRow, StatePatch } from '../contract/models.ts'
import type { RawEvent } from '../docker/api-types.ts'
import type { EngineClient } from '../docker/engine-client.ts'
import type { PlainEvent } from '../docker/events.ts'
import type { PortProblems } from '../ports/row-conflicts.ts'
import { bounded, merging } from '../link/conflate.ts'
import type { Channel } from '../link/conflate.ts'
import { ALL_DIRTY, DIRTY_TIMING } from './dirty.ts'
import type { Dirty } from './dirty.ts'
import { createRunInfoQueue } from './exit-info.ts'
import { follow } from './follow.ts'
import type { FollowTiming } from './follow.ts'
import { containerRow, imageRow } from './normalise.ts'
import { changePatch, fullPatch, mergePatches, splitPatch } from './patch.ts'
import { EMPTY_STATE, missedBy, reduce } from './store.ts'
import type { MirrorAction, MirrorState } from './store.ts'

export interface MirrorTiming extends FollowTiming {
  /** Milliseconds the engine has for the answer to a list or inspect. */
  readonly answerMs: number
  /** Milliseconds until a container that restarts or is being removed is asked for again. */
  readonly unsettledMs: number
}

export const MIRROR_TIMING: MirrorTiming = {
  ...DIRTY_TIMING,
  reconcileMs: 60_000,
  retryMs: [250, 5_000],
  answerMs: 20_000,
  unsettledMs: 2_000,
}

export interface MirrorOptions {
  readonly engineId: string
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly log: (line: string) => void
  readonly timing?: Partial<MirrorTiming>
  /** Every event, as the engine told it. */
  readonly onRaw?: (raw: RawEvent) => void
  /** True while the engine naps: nothing happens there, and a list would wake it. */
  readonly resting?: () => boolean
}

export interface Mirror {
  /** The whole state first (`reset`), then every change, conflated per row while the reader is slow. */
  readonly watch: (signal: AbortSignal) => AsyncIterable<StatePatch>
  /** Engine events from now on; a slow reader loses the oldest beyond 256. */
  readonly events: (signal: AbortSignal) => AsyncIterable<EngineEvent>
  /** All rows as one patch with `reset`. */
  readonly snapshot: () => StatePatch
  /** Published ports that are not open on this machine, from now on. */
  readonly setPortProblems: (problems: PortProblems) => void
  readonly containers: () => ReadonlyMap<string, ContainerRow>
  readonly images: () => ReadonlyMap<string, ImageRow>
  /** Lists everything now. @throws NaruError when the engine does not answer. */
  readonly refresh: (signal?: AbortSignal) => Promise<void>
  /** Ends every watch and lets go of the engine. The client stays open: it belongs to the caller. */
  readonly stop: () => Promise<void>
}

const EVENTS_KEPT = 256

/** Starts mirroring at once; ends with `stop()`. */
export function createMirror(client: EngineClient, options: MirrorOptions): Mirror {
  const { engineId, now, log } = options
  const timing = { ...MIRROR_TIMING, ...options.timing }
  const lifetime = new AbortController()
  const watchers = new Set<Channel<StatePatch>>()
  const listeners = new Set<Channel<EngineEvent>>()
  let state: MirrorState = EMPTY_STATE
  let eventCount = 0
  let mark = (_dirty: Partial<Dirty>): void => undefined

  const apply = (action: MirrorAction): void => {
    const reduced = reduce(state, action)
    state = reduced.state
    if (!reduced.change) return
    const patch = changePatch(engineId, state, reduced.change)
    for (const watcher of watchers) watcher.push(patch)
  }

  /** Moby tells nobody when a restart fails: who is on the way is asked again. */
  let unsettled: NodeJS.Timeout | undefined
  const askAgain = (): void => {
    clearTimeout(unsettled)
    const ids = [...state.containers.rows.values()].filter((row) => row.state === 'restarting' || row.state === 'removing').map(({ id }) => id)
    if (ids.length > 0 && !options.resting?.()) unsettled = setTimeout(() => mark({ ids: new Set(ids) }), timing.unsettledMs)
  }

  const runs = createRunInfoQueue({
    inspect: (id) => client.inspectContainer(id, { signal: lifetime.signal, timeoutMs: timing.answerMs, background: true }),
    deliver: (found) => apply({ type: 'runs', runs: found }),
    disagree: (id) => mark({ ids: new Set([id]) }),
  })
  const fetchRows = createFetch(client, timing.answerMs, apply)

  const fetch = async (dirty: Dirty, signal: AbortSignal, waiting: (id: string) => boolean): Promise<void> => {
    const before = state
    await fetchRows(dirty, signal)
    askAgain()
    const { rows } = state.containers
    for (const id of before.containers.rows.keys()) if (!rows.has(id)) runs.forget(id)
    runs.want(dirty.all ? [...rows.values()] : [...dirty.ids].flatMap((id) => rows.get(id) ?? []))
    if (!dirty.all || before.sync !== 'live') return
    const missed = missedBy(before.containers, state.containers).filter((id) => !dirty.ids.has(id) && !waiting(id))
    if (missed.length > 0) log(`missed events of ${missed.length} container(s): ${missed.slice(0, 5).join(' ')}`)
  }

  const publish = ({ type, action, id, name, at }: PlainEvent): void => {
    eventCount++
    for (const listener of listeners) listener.push({ sequence: eventCount, at, type, action, id, name })
  }

  const following = follow(
    {
      client,
      timing,
      now,
      log,
      fetch,
      onEvent: publish,
      ...(options.onRaw && { onRaw: options.onRaw }),
      ...(options.resting && { resting: options.resting }),
      onRunChange: runs.forget,
      onLive: (markDirty) => {
        mark = markDirty
        apply({ type: 'sync', sync: 'live' })
      },
      onStale: () => apply({ type: 'sync', sync: 'stale' }),
    },
    lifetime.signal,
  )

  return {
    watch: (signal) => watchPatches(watchers, () => fullPatch(engineId, state), lifetime.signal, signal),
    events: (signal) => listen(listeners, lifetime.signal, signal),
    snapshot: () => fullPatch(engineId, state),
    setPortProblems: (problems) => apply({ type: 'ports', problems }),
    containers: () => state.containers.rows,
    images: () => state.images.rows,
    refresh: (signal) => fetch(ALL_DIRTY, signal ? AbortSignal.any([signal, lifetime.signal]) : lifetime.signal, () => true),
    stop: async () => {
      lifetime.abort()
      clearTimeout(unsettled)
      runs.stop()
      for (const channel of [...watchers, ...listeners]) channel.end()
      await following
    },
  }
}

/** Asks for rows and applies the answers, each with the number its request had. */
function createFetch(client: EngineClient, timeoutMs: number, apply: (action: MirrorAction) => void) {
  let sequence = 0
  const containers = async (ids: readonly string[] | undefined, signal: AbortSignal): Promise<void> => {
    const mine = ++sequence
    const list = await client.listContainers({ all: true, ...(ids && { ids }) }, { signal, timeoutMs, background: true })
    apply({ type: 'containers', answer: { sequence: mine, rows: list.map(containerRow), ...(ids && { ids }) } })
  }
  const images = async (signal: AbortSignal): Promise<void> => {
    const mine = ++sequence
    const list = await client.listImages({}, { signal, timeoutMs, background: true })
    apply({ type: 'images', answer: { sequence: mine, rows: list.map(imageRow) } })
  }
  return async (dirty: Dirty, signal: AbortSignal): Promise<void> => {
    await Promise.all([
      dirty.all ? containers(undefined, signal) : dirty.ids.size > 0 && containers([...dirty.ids], signal),
      dirty.images && images(signal),
    ])
  }
}

async function* watchPatches(
  watchers: Set<Channel<StatePatch>>,
  snapshot: () => StatePatch,
  lifetime: AbortSignal,
  signal: AbortSignal,
): AsyncGenerator<StatePatch, void, undefined> {
  if (lifetime.aborted || signal.aborted) return
  const channel = merging(mergePatches)
  channel.push(snapshot())
  watchers.add(channel)
  let revision = -1
  try {
    for await (const merged of channel.iterate(signal)) {
      for (const patch of splitPatch(merged)) {
        // Parts of one patch get numbers of their own: a reader's revisions grow with every item.
        revision = Math.max(revision + 1, patch.revision)
        yield { ...patch, revision }
      }
    }
  } finally {
    watchers.delete(channel)
  }
}

async function* listen(
  listeners: Set<Channel<EngineEvent>>,
  lifetime: AbortSignal,
  signal: AbortSignal,
): AsyncGenerator<EngineEvent, void, undefined> {
  if (lifetime.aborted || signal.aborted) return
  const channel = bounded<EngineEvent>(EVENTS_KEPT)
  listeners.add(channel)
  try {
    yield* channel.iterate(signal)
  } finally {
    listeners.delete(channel)
  }
}
