/** The logs of the engine room: views of containers' logs, each fed by followers and held by the log worker. */
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { NaruError, fromEnvelope, toEnvelope } from '../contract/errors.ts'
import type { LogMethods } from '../contract/parts/logs.ts'
import type { LogHistogram, LogMatches, Settings } from '../contract/models.ts'
import type { CallContext, MethodHandlers, StreamHandlers } from '../link/handlers.ts'
import { Feed } from './feed.ts'
import { TAIL_ALL, followContainer } from './follow.ts'
import type { EngineConnection, FollowOptions } from './follow.ts'
import type { RoomCalls } from './protocol.ts'
import { claimFolder, removeFolder } from './temporary.ts'
import { RoomClient, workerPort } from './room-client.ts'
import type { RoomNews, RoomPort } from './room-client.ts'
import { ViewState } from './view-state.ts'
import { sleep } from './waiting.ts'

/** Containers of one view: a line keeps the index of its own in a byte. */
const SOURCES_MAX = 200
/** A histogram is told at most this often, milliseconds. */
const HISTOGRAM_MS = 250
/** Views one window may have open. */
const VIEWS_PER_PEER = 64

export interface LogServiceOptions {
  readonly stateFolder: string
  /** Bundle of engine/logs/worker.ts. */
  readonly workerPath: string
  /** The connected engine; throws while it is not. Its signal is aborted when the connection is lost. */
  readonly connection: (engineId: string) => EngineConnection | Promise<EngineConnection>
  /** Events of one container from the moment of the call; ends when the engine's events end. */
  readonly events: (engineId: string, containerId: string, signal: AbortSignal) => AsyncIterable<unknown>
  readonly settings: () => Pick<Settings, 'logCapBytes'>
  /** Where the room runs; a worker thread unless told otherwise. */
  readonly port?: () => RoomPort
  /** Memory per view, bytes; see StoreOptions. */
  readonly memoryBytes?: number
}

type LogMethodName = 'open' | 'join' | 'close' | 'window' | 'filter' | 'place' | 'fold' | 'mark' | 'find'
type LogStreamName = 'watch' | 'histogram' | 'search' | 'export'
type Methods = { readonly [N in LogMethodName]: MethodHandlers[`logs.${N}`] }
type Streams = { readonly [N in LogStreamName]: StreamHandlers[`logs.${N}`] }
export interface LogService extends Methods, Streams {
  /** Closes every view a peer opened. */
  readonly closePeer: (peerId: string) => Promise<void>
  /** Closes everything and deletes the temporary files. */
  readonly shutdown: () => Promise<void>
}

interface View {
  readonly id: string
  readonly peerId: string
  readonly room: RoomClient
  readonly state: ViewState
  readonly engineId: string
  readonly feeds: Feed[]
  readonly abort: AbortController
  followers: Promise<unknown>
  /** Of the histogram that is read: the newest reader's. */
  histogram: number
}

type OpenArg = LogMethods['logs.open']['arg']
/** Item of a search or an export. */
type Pulled = LogMatches | Uint8Array

class LogServiceState {
  readonly #options: LogServiceOptions
  readonly #folder: string
  readonly #views = new Map<string, View>()
  #room: RoomClient | null = null

  constructor(options: LogServiceOptions) {
    this.#options = options
    this.#folder = claimFolder(join(options.stateFolder, 'tmp', 'logs'))
  }

  async open({ engineId, containerIds, tail, since }: OpenArg, peerId: string): Promise<string> {
    const mine = [...this.#views.values()].filter((view) => view.peerId === peerId)
    if (mine.length >= VIEWS_PER_PEER) throw new NaruError('invalid-request', 'too many log views are open')
    const room = this.#liveRoom()
    const id = randomUUID()
    const sources = containerIds.length
    const view: View = {
      id,
      peerId,
      engineId,
      room,
      state: new ViewState(id, sources, tail),
      feeds: containerIds.map((_, source) => new Feed(room, id, source, sources)),
      abort: new AbortController(),
      followers: Promise.resolve(),
      histogram: 0,
    }
    this.#views.set(id, view)
    const { logCapBytes: capBytes } = this.#options.settings()
    try {
      await room.call('open', { view: id, sources, folder: this.#folder, capBytes, memoryBytes: this.#options.memoryBytes })
    } catch (error) {
      this.#views.delete(id)
      throw error
    }
    view.followers = Promise.all(containerIds.map((containerId, source) => this.#follow(view, source, engineId, containerId, { tail, from: since })))
    return id
  }

  /** Merges one more container's log into an open view. */
  async join(view: View, containerId: string): Promise<void> {
    const source = view.feeds.length
    if (source >= SOURCES_MAX) throw new NaruError('invalid-request', 'too many containers in one log view')
    view.feeds.push(new Feed(view.room, view.id, source, source + 1))
    view.state.join()
    await view.room.call('join', { view: view.id })
    const follower = this.#follow(view, source, view.engineId, containerId, { tail: TAIL_ALL })
    view.followers = Promise.all([view.followers, follower])
  }

  async close(view: View): Promise<void> {
    if (!this.#views.delete(view.id)) return
    view.abort.abort()
    for (const feed of view.feeds) feed.fail(new NaruError('cancelled', 'the log view is closed'))
    view.state.close()
    await view.room.call('close', { view: view.id }).catch(() => undefined)
  }

  view(id: string, peerId: string): View {
    const view = this.#views.get(id)
    if (!view || view.peerId !== peerId) throw new NaruError('not-found', 'no such log view', { params: { name: id } })
    return view
  }

  /** Items of a search or an export, one asked for at a time: it pauses when its reader does. */
  async *pull<T extends Pulled>(
    view: View,
    start: Promise<{ readonly pull: number }>,
    is: (item: Pulled) => item is T,
    signal: AbortSignal,
  ): AsyncGenerator<T> {
    const { pull } = await start
    const stop = () => void view.room.call('stop', { pull }).catch(() => undefined)
    signal.addEventListener('abort', stop, { once: true })
    let over = false
    try {
      while (!signal.aborted) {
        const item = await view.room.call('pull', { pull })
        over = item === null
        if (item === null || !is(item)) return
        yield item
      }
    } finally {
      signal.removeEventListener('abort', stop)
      if (!over) stop()
    }
  }

  /** What is counted, again after each change of the view; ends when another reader begins. */
  async *histogram(view: View, ask: Omit<RoomCalls['histogram']['arg'], 'view'>, signal: AbortSignal): AsyncGenerator<LogHistogram> {
    const mine = (view.histogram += 1)
    try {
      for await (const _ of view.state.watch(signal)) {
        if (mine !== view.histogram) return
        yield await view.room.call('histogram', { view: view.id, ...ask })
        await sleep(HISTOGRAM_MS, signal)
      }
    } finally {
      if (mine === view.histogram) view.room.call('rest', { view: view.id }).catch(() => undefined)
    }
  }

  async closePeer(peerId: string): Promise<void> {
    const mine = [...this.#views.values()].filter((view) => view.peerId === peerId)
    await Promise.all(mine.map((view) => this.close(view)))
  }

  async shutdown(): Promise<void> {
    const views = [...this.#views.values()]
    await Promise.all(views.map((view) => this.close(view)))
    await Promise.all(views.map((view) => view.followers))
    await this.#room?.close()
    this.#room = null
    await removeFolder(this.#folder)
  }

  #follow(view: View, source: number, engineId: string, containerId: string, begin: Pick<FollowOptions, 'tail' | 'from'>): Promise<void> {
    const { room, state, id } = view
    const feed = view.feeds[source] as Feed
    return followContainer({
      containerId,
      ...begin,
      connection: () => this.#options.connection(engineId),
      events: (signal) => this.#options.events(engineId, containerId, signal),
      signal: view.abort.signal,
      report: (status, error) => state.report(source, status, error),
      sink: {
        begin: async (tty) => {
          feed.reset()
          return (await room.call('begin', { view: id, source, tty })).since
        },
        write: (bytes) => feed.write(bytes),
        end: async (flush) => {
          feed.flush()
          const result = await room.call('end', { view: id, source, flush })
          state.setLines(source, result.lines, result.past)
          feed.check()
          return result
        },
      },
    })
  }

  #liveRoom(): RoomClient {
    if (this.#room && !this.#room.ended) return this.#room
    const port = (this.#options.port ?? (() => workerPort(this.#options.workerPath)))()
    const room = new RoomClient(
      port,
      (news) => this.#onNews(news),
      (reason) => this.#onRoomEnd(room, reason),
    )
    this.#room = room
    return room
  }

  #onNews(news: RoomNews): void {
    const view = this.#views.get(news.view)
    if (!view) return
    if (news.type === 'figures') view.state.setFigures(news.figures, news.filter)
    else if (news.type === 'fault') view.feeds[news.source]?.fail(fromEnvelope(news.error))
    else {
      view.feeds[news.source]?.credit(news.bytes, news.spare)
      view.state.setLines(news.source, news.lines, news.past)
    }
  }

  #onRoomEnd(room: RoomClient, reason: NaruError): void {
    for (const view of this.#views.values()) {
      if (view.room !== room) continue
      view.abort.abort()
      for (const feed of view.feeds) feed.fail(reason)
      view.state.failAll(toEnvelope(reason))
    }
  }
}

const isBytes = (item: Pulled): item is Uint8Array => item instanceof Uint8Array
const isMatches = (item: Pulled): item is LogMatches => !(item instanceof Uint8Array)

/** Starts no thread before the first view is opened. Removes what earlier, crashed sessions left behind. */
export function createLogService(options: LogServiceOptions): LogService {
  const service = new LogServiceState(options)
  /** What the worker answers about a view. */
  const ofView =
    <N extends 'window' | 'filter' | 'place' | 'fold' | 'mark' | 'find'>(name: N) =>
    async ({ viewId, ...rest }: Omit<RoomCalls[N]['arg'], 'view'> & { readonly viewId: string }, { peerId }: Pick<CallContext, 'peerId'>) =>
      service.view(viewId, peerId).room.call(name, { view: viewId, ...rest } as unknown as RoomCalls[N]['arg'])
  return {
    async open(arg, { peerId, signal }) {
      const viewId = await service.open(arg, peerId)
      if (!signal.aborted) return { viewId }
      // Who gave up asking never learns its name, so nobody could close it.
      await service.close(service.view(viewId, peerId))
      throw new NaruError('cancelled', 'cancelled')
    },
    join: async ({ viewId, containerIds }, { peerId }) => {
      const view = service.view(viewId, peerId)
      for (const containerId of containerIds) await service.join(view, containerId)
      return {}
    },
    close: async ({ viewId }, { peerId }) => {
      await service.close(service.view(viewId, peerId))
      return {}
    },
    window: ofView('window'),
    filter: ofView('filter'),
    place: ofView('place'),
    fold: ofView('fold'),
    mark: ofView('mark'),
    find: ofView('find'),
    async *histogram({ viewId, ...ask }, { signal, peerId }: CallContext) {
      yield* service.histogram(service.view(viewId, peerId), ask, signal)
    },
    async *watch({ viewId }, { signal, peerId }: CallContext) {
      yield* service.view(viewId, peerId).state.watch(signal)
    },
    async *search({ viewId, ...rest }, { signal, peerId }: CallContext) {
      const view = service.view(viewId, peerId)
      const start = view.room.call('search', { view: viewId, ...rest })
      yield* service.pull(view, start, isMatches, signal)
    },
    async *export({ viewId, ...rest }, { signal, peerId }: CallContext) {
      const view = service.view(viewId, peerId)
      const start = view.room.call('export', { view: viewId, ...rest })
      yield* service.pull(view, start, isBytes, signal)
    },
    closePeer: (peerId) => service.closePeer(peerId),
    shutdown: () => service.shutdown(),
  }
}
