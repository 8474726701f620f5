/**
 * The mirror of whichever engine is current. Readers subscribe once and are led from engine to engine by `reset`
 * patches. While an engine is away its last rows stay, marked stale, until its next connection has a whole list.
 */
import type { ContainerRow, EngineEvent, ImageRow, StatePatch, StopStep } from '../contract/models.ts'
import { bounded } from '../link/conflate.ts'
import type { BoundedChannel } from '../link/conflate.ts'
import type { EngineConnection, EngineManager } from '../providers/manager.ts'
import { followClosedPorts } from '../ports/closed.ts'
import { mergePatches, splitPatch } from '../state/patch.ts'
import { createLifeMemory } from '../state/life.ts'
import { createMirror } from '../state/sync.ts'
import type { Mirror, MirrorTiming } from '../state/sync.ts'
import { createBroadcast } from './broadcast.ts'
import { barePatch, createShownState } from './shown-state.ts'

export interface MirrorHub {
  readonly watch: (signal: AbortSignal) => AsyncIterable<StatePatch>
  /** Events of the current engine from now on; a slow reader loses the oldest beyond 256. */
  readonly events: (signal: AbortSignal) => AsyncIterable<EngineEvent>
  /** Events of one container from the moment of the call; ends with the engine's events. */
  readonly containerEvents: (engineId: string, containerId: string, signal: AbortSignal) => AsyncIterable<unknown>
  /** Last known rows of an engine that is or was current. */
  readonly containersOf: (engineId: string) => readonly ContainerRow[]
  /** Last known rows of each engine but this; null = of every engine. */
  readonly containersOfOthers: (engineId: string | null) => readonly { readonly engineId: string; readonly rows: readonly ContainerRow[] }[]
  readonly container: (engineId: string, id: string) => ContainerRow | undefined
  readonly image: (engineId: string, id: string) => ImageRow | undefined
  /** What happened to a container, as far as it was seen; bounded, see state/life.ts. */
  readonly lifeOf: (id: string) => readonly StopStep[]
  /** Lists everything of this engine again, for what no event tells. */
  readonly look: (engineId: string) => void
  /** False while rows may be out of date. */
  readonly isLive: (engineId: string) => boolean
  readonly close: () => Promise<void>
}

export interface MirrorHubOptions {
  readonly manager: Pick<EngineManager, 'currentConnection' | 'onConnection' | 'onCurrent' | 'connection' | 'snapshot'>
  readonly now?: () => number
  readonly log?: (line: string) => void
  readonly timing?: Partial<MirrorTiming>
}

const EVENTS_KEPT = 256
/** Events of one container only wake its reader up: a few are as good as many. */
const CONTAINER_EVENTS_KEPT = 16

interface Attached {
  readonly connection: EngineConnection
  readonly mirror: Mirror
  readonly stop: AbortController
  done: Promise<unknown>
}

interface Listener {
  readonly channel: BoundedChannel<EngineEvent>
  readonly containerId?: string
}

class Hub {
  readonly #options: MirrorHubOptions
  readonly #patches = createBroadcast<StatePatch>(mergePatches)
  readonly #listeners = new Set<Listener>()
  readonly #others = new Map<string, readonly ContainerRow[]>()
  readonly #unsubscribe: readonly (() => void)[]
  readonly #ending = new Set<Promise<unknown>>()
  readonly life = createLifeMemory()
  #shown: ReturnType<typeof createShownState>
  #attached: Attached | null = null
  #sequence = 0

  constructor(options: MirrorHubOptions) {
    this.#options = options
    const { manager } = options
    this.#shown = createShownState(manager.snapshot().currentId)
    this.#unsubscribe = [
      manager.onCurrent((engineId) => this.#switchTo(engineId)),
      manager.onConnection((connection) => {
        if (connection.engineId === this.#shown.engineId()) this.#attach(connection)
      }),
    ]
    const connection = manager.currentConnection()
    if (connection) this.#attach(connection)
  }

  get shown(): ReturnType<typeof createShownState> {
    return this.#shown
  }

  get others(): ReadonlyMap<string, readonly ContainerRow[]> {
    return this.#others
  }

  async *watch(signal: AbortSignal): AsyncGenerator<StatePatch> {
    let revision = -1
    for await (const whole of this.#patches.subscribe(signal, () => this.#shown.whole())) {
      for (const patch of splitPatch(whole)) {
        // Parts of one patch get numbers of their own: a reader's revisions grow with every item.
        revision = Math.max(revision + 1, patch.revision)
        yield { ...patch, revision }
      }
    }
  }

  listen(signal: AbortSignal, containerId?: string): AsyncIterable<EngineEvent> {
    const channel = bounded<EngineEvent>(containerId ? CONTAINER_EVENTS_KEPT : EVENTS_KEPT)
    const listener = { channel, ...(containerId && { containerId }) }
    this.#listeners.add(listener)
    signal.addEventListener('abort', () => this.#listeners.delete(listener), { once: true })
    return channel.iterate(signal)
  }

  isLive(engineId: string): boolean {
    return this.#attached?.connection.engineId === engineId && this.#shown.sync() === 'live'
  }

  look(engineId: string): void {
    if (this.#attached?.connection.engineId !== engineId) return
    // An engine that is going has its rows listed when it is back.
    this.#attached.mirror.refresh().catch(() => undefined)
  }

  follows(engineId: string): boolean {
    return this.#attached?.connection.engineId === engineId
  }

  async close(): Promise<void> {
    for (const unsubscribe of this.#unsubscribe) unsubscribe()
    this.#detach()
    await Promise.all(this.#ending)
    this.#patches.close()
    for (const { channel } of this.#listeners) channel.end()
  }

  #switchTo(engineId: string | null): void {
    this.#detach()
    const before = this.#shown.engineId()
    if (before === engineId) return
    if (before !== null) this.#others.set(before, [...this.#shown.containers().values()])
    if (engineId !== null) this.#others.delete(engineId)
    this.#publish(barePatch(engineId, 'loading', true))
    const connection = this.#options.manager.currentConnection()
    if (connection && connection.engineId === engineId) this.#attach(connection)
  }

  #attach(connection: EngineConnection): void {
    this.#detach()
    const { now = Date.now, log = () => undefined, timing } = this.#options
    const { engineId, client, handle } = connection
    const mirror = createMirror(client, { engineId, now, log: (line) => log(`${engineId}: ${line}`), onRaw: this.life.take, ...(handle.nap && { resting: handle.nap.resting }), ...(timing && { timing }) })
    const stop = new AbortController()
    const attached: Attached = { connection, mirror, stop, done: Promise.resolve() }
    this.#attached = attached
    attached.done = Promise.all([this.#pumpRows(attached), this.#pumpEvents(attached), this.#followPorts(attached)]).catch((error: unknown) => {
      log(`${engineId}: the mirror failed: ${String(error)}`)
    })
    const onLost = () => this.#lost(attached)
    if (connection.signal.aborted) onLost()
    // The connection outlives this mirror when another engine is shown: nothing may stay on it.
    else connection.signal.addEventListener('abort', onLost, { once: true, signal: stop.signal })
  }

  /** Old rows are shown until the new connection has told everything once. */
  async #pumpRows({ mirror, stop }: Attached): Promise<void> {
    let waiting = this.#shown.sync() !== 'loading'
    for await (const patch of mirror.watch(stop.signal)) {
      if (stop.signal.aborted) return
      if (waiting && patch.sync !== 'live') continue
      this.#publish(waiting ? mirror.snapshot() : patch)
      waiting = false
    }
  }

  async #pumpEvents({ mirror, stop }: Attached): Promise<void> {
    for await (const event of mirror.events(stop.signal)) {
      const numbered = { ...event, sequence: ++this.#sequence }
      for (const { channel, containerId } of this.#listeners) {
        if (!containerId || containerId === event.id) channel.push(numbered)
      }
    }
  }

  /** A port that is not open here is told on the row of its container. */
  async #followPorts({ connection: { handle, engineId }, mirror, stop }: Attached): Promise<void> {
    const { log = () => undefined } = this.#options
    const context = () => ({ rows: [...mirror.containers().values()], otherRows: [...this.#others.values()].flat() })
    if (handle.hostPorts) await followClosedPorts(handle.hostPorts, { context, tell: mirror.setPortProblems, log: (line) => log(`${engineId}: ${line}`), signal: stop.signal })
  }

  #lost(attached: Attached): void {
    if (this.#attached !== attached) return
    const { engineId } = attached.connection
    this.#detach()
    this.#publish(barePatch(engineId, 'stale', false))
  }

  #detach(): void {
    const attached = this.#attached
    if (!attached) return
    this.#attached = null
    attached.stop.abort()
    const ending = Promise.all([attached.mirror.stop(), attached.done])
    this.#ending.add(ending)
    void ending.finally(() => this.#ending.delete(ending))
    // Who waits for a container's events must learn that none will come from here.
    for (const listener of this.#listeners) {
      if (!listener.containerId) continue
      listener.channel.end()
      this.#listeners.delete(listener)
    }
  }

  #publish(patch: StatePatch): void {
    this.#patches.publish(this.#shown.apply(patch))
  }
}

export function createMirrorHub(options: MirrorHubOptions): MirrorHub {
  const hub = new Hub(options)
  const containersOf = (engineId: string): readonly ContainerRow[] =>
    hub.shown.engineId() === engineId ? [...hub.shown.containers().values()] : (hub.others.get(engineId) ?? [])
  return {
    watch: (signal) => hub.watch(signal),
    events: (signal) => hub.listen(signal),
    containerEvents: (engineId, containerId, signal) =>
      hub.follows(engineId)
        ? hub.listen(signal, containerId)
        : eventsOf(options.manager.connection(engineId), containerId, signal),
    containersOf,
    containersOfOthers: (engineId) =>
      [...new Set([...hub.others.keys(), hub.shown.engineId()])].flatMap((id) =>
        id === null || id === engineId ? [] : { engineId: id, rows: containersOf(id) },
      ),
    container: (engineId, id) =>
      hub.shown.engineId() === engineId ? hub.shown.containers().get(id) : containersOf(engineId).find((row) => row.id === id),
    image: (engineId, id) => (hub.shown.engineId() === engineId ? hub.shown.images().get(id) : undefined),
    lifeOf: hub.life.of,
    look: (engineId) => hub.look(engineId),
    isLive: (engineId) => hub.isLive(engineId),
    close: () => hub.close(),
  }
}

/** For an engine that is open but not shown, so has no mirror. */
async function* eventsOf({ client, signal: lost }: EngineConnection, containerId: string, signal: AbortSignal): AsyncGenerator<unknown> {
  const both = AbortSignal.any([signal, lost])
  for await (const event of client.events({ signal: both })) {
    if ((event.Actor?.ID ?? event.id) === containerId) yield event
  }
}
