/**
 * The list of engines: found, chosen, kept connected. The one place that knows every engine; all else asks it for a
 * connection.
 */
import type { EnginesSnapshot } from '../contract/models.ts'
import { createBroadcast } from '../host/broadcast.ts'
import { addSocket, forgetSocket } from './add-socket.ts'
import type { EngineConnection } from './connection.ts'
import type { EngineManager, EngineManagerOptions } from './engine-manager.ts'
import { Roster } from './roster.ts'
import { dataOf, resetEngine } from './reset.ts'
import { chooseEngine } from './select.ts'
import type { EngineUnit } from './unit.ts'

export type * from './engine-manager.ts'
export type { EngineConnection } from './connection.ts'

class Manager {
  readonly #options: EngineManagerOptions
  readonly #roster: Roster
  readonly #snapshots = createBroadcast<EnginesSnapshot>()
  readonly #connectionListeners = new Set<(connection: EngineConnection) => void>()
  readonly #currentListeners = new Set<(engineId: string | null) => void>()
  readonly #unsubscribe: () => void
  #currentId: string | null = null
  /** The first look is not over: engines that are silent may still answer. */
  #detecting = true
  #rescan: ReturnType<typeof setTimeout> | undefined

  constructor(options: EngineManagerOptions) {
    this.#options = options
    this.#roster = new Roster(options, {
      currentId: () => this.#currentId,
      onChange: () => this.#update(),
      onConnection: (connection) => {
        for (const listener of this.#connectionListeners) listener(connection)
      },
    })
    this.#unsubscribe = options.settings.onChange((now, before) => {
      if (now.engine !== before.engine || now.sockets.join('\n') !== before.sockets.join('\n')) void this.#lookAgain()
    })
  }

  get roster(): Roster {
    return this.#roster
  }

  snapshot(): EnginesSnapshot {
    return {
      engines: this.#roster.units.map((unit) => unit.summary()),
      currentId: this.#currentId,
      detecting: this.#detecting,
    }
  }

  watch(signal: AbortSignal): AsyncIterable<EnginesSnapshot> {
    return this.#snapshots.subscribe(signal, () => this.snapshot())
  }

  async detect(): Promise<EnginesSnapshot> {
    await this.#roster.look()
    this.#detecting = false
    this.#update()
    return this.snapshot()
  }

  async select(engineId: string): Promise<void> {
    const unit = await this.#roster.awaited(engineId)
    await this.#options.settings.update({ engine: engineId })
    this.#setCurrent(engineId)
    if (unit.provider.managed && (unit.status === 'stopped' || unit.status === 'failed')) unit.retry()
    this.#update()
  }

  current(): EngineUnit | undefined {
    return this.#roster.find(this.#currentId)
  }

  onConnection(listener: (connection: EngineConnection) => void): () => void {
    this.#connectionListeners.add(listener)
    return () => this.#connectionListeners.delete(listener)
  }

  onCurrent(listener: (engineId: string | null) => void): () => void {
    this.#currentListeners.add(listener)
    return () => this.#currentListeners.delete(listener)
  }

  async close(): Promise<void> {
    if (this.#roster.signal.aborted) return
    this.#unsubscribe()
    clearTimeout(this.#rescan)
    await this.#roster.close()
    this.#snapshots.close()
  }

  async #lookAgain(): Promise<void> {
    this.#update()
    await this.#roster.lookAgain()
    this.#update()
  }

  /** After every change: choose again, tell everybody. */
  #update(): void {
    if (this.#roster.signal.aborted) return
    this.#choose()
    this.#planRescan()
    this.#snapshots.publish(this.snapshot())
  }

  #choose(): void {
    const choice = chooseEngine({
      explicit: this.#options.settings.get().engine,
      currentId: this.#currentId,
      engines: this.#roster.units,
      patienceOver: !this.#detecting,
    })
    if (choice.kind === 'wait') return
    this.#setCurrent(choice.kind === 'use' ? choice.id : null)
    if (choice.kind === 'use' && choice.start) this.#roster.get(choice.id).open()
  }

  #setCurrent(engineId: string | null): void {
    if (this.#currentId === engineId) return
    this.current()?.setCurrent(false)
    this.#currentId = engineId
    this.current()?.setCurrent(true)
    for (const listener of this.#currentListeners) listener(engineId)
  }

  /** While nothing answers, new sockets are looked for: an engine installed now is found without a click. */
  #planRescan(): void {
    const current = this.current()
    const useful = current !== undefined && (current.everReady || current.status === 'starting')
    if (useful || this.#detecting) {
      clearTimeout(this.#rescan)
      this.#rescan = undefined
      return
    }
    this.#rescan ??= setTimeout(() => {
      void this.#roster.lookForNew().finally(() => {
        this.#rescan = undefined
        this.#update()
      })
    }, this.#roster.timings.rescanMs)
  }
}

/** Call `detect()` once to begin; `close()` to end. */
export function createEngineManager(options: EngineManagerOptions): EngineManager {
  const manager = new Manager(options)
  const { roster } = manager
  return {
    snapshot: () => manager.snapshot(),
    watch: (signal) => manager.watch(signal),
    detect: () => manager.detect(),
    select: (engineId) => manager.select(engineId),
    retry: async (engineId) => (await roster.awaited(engineId)).retry(),
    addSocket: (path, signal = roster.signal) => addSocket(roster, options, path, signal),
    forget: (engineId) => forgetSocket(roster, options, engineId),
    startEngine: async (engineId, { signal, report, repair }) => (await roster.awaited(engineId)).start(signal, report ?? (() => undefined), repair),
    dataBytes: async (engineId, signal) => dataOf(roster.get(engineId)).bytes(signal),
    resetEngine: (engineId, more) => resetEngine(roster.get(engineId), more),
    stopEngine: async (engineId, more) =>
      roster.get(engineId).stop({ ...more, graceSeconds: options.settings.get().stopGraceSeconds }),
    connection: (engineId) => roster.get(engineId).requireConnection(),
    currentConnection: () => manager.current()?.connection ?? null,
    onConnection: (listener) => manager.onConnection(listener),
    onCurrent: (listener) => manager.onCurrent(listener),
    close: () => manager.close(),
  }
}
