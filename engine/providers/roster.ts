/** The engines that are known now, kept in step with what discovery finds. */
import { NaruError, toEnvelope } from '../contract/errors.ts'
import type { EngineConnection } from './connection.ts'
import type { EngineManagerOptions } from './engine-manager.ts'
import type { EngineProvider } from './provider.ts'
import { within } from './retry.ts'
import { DEFAULT_TIMINGS } from './timings.ts'
import type { Timings } from './timings.ts'
import { EngineUnit } from './unit.ts'

export interface RosterEvents {
  readonly onChange: () => void
  readonly onConnection: (connection: EngineConnection) => void
  /** Id of the engine that must stay listed whatever discovery says. */
  readonly currentId: () => string | null
}

export class Roster {
  readonly timings: Timings
  readonly #options: EngineManagerOptions
  readonly #events: RosterEvents
  readonly #lifetime = new AbortController()
  /** In detection order. */
  #units = new Map<string, EngineUnit>()
  #looking: Promise<void> | null = null
  /** Ends when the look under way has listed its engines; long before each is known. */
  #listing: Promise<void> = Promise.resolve()

  constructor(options: EngineManagerOptions, events: RosterEvents) {
    this.#options = options
    this.#events = events
    this.timings = { ...DEFAULT_TIMINGS, ...options.timings }
  }

  /** Aborted when the roster closes. */
  get signal(): AbortSignal {
    return this.#lifetime.signal
  }

  get units(): readonly EngineUnit[] {
    return [...this.#units.values()]
  }

  find(engineId: string | null): EngineUnit | undefined {
    return engineId === null ? undefined : this.#units.get(engineId)
  }

  /** @throws NaruError `not-found` */
  get(engineId: string): EngineUnit {
    const unit = this.#units.get(engineId)
    if (unit) return unit
    throw new NaruError('not-found', `no engine ${engineId}`, { params: { name: engineId }, engineId })
  }

  /** Like `get`; an engine that the look under way is about to list counts. */
  async awaited(engineId: string): Promise<EngineUnit> {
    if (!this.#units.has(engineId)) await this.#listing
    return this.get(engineId)
  }

  add(provider: EngineProvider): EngineUnit {
    const { connect, random, log, now } = this.#options
    const unit = new EngineUnit({
      provider,
      connect,
      timings: this.timings,
      now: now ?? Date.now,
      random: random ?? Math.random,
      log: log ?? (() => undefined),
      onChange: () => this.#events.onChange(),
      onConnection: (connection) => this.#events.onConnection(connection),
    })
    this.#units.set(provider.id, unit)
    return unit
  }

  async remove(unit: EngineUnit): Promise<void> {
    this.#units.delete(unit.id)
    this.#events.onChange()
    await unit.close()
  }

  /** Looks everywhere; resolves when each engine is known or `settleMs` are over. One look at a time. Never rejects. */
  look(): Promise<void> {
    this.#looking ??= this.#lookEverywhere().finally(() => {
      this.#looking = null
    })
    return this.#looking
  }

  /** Like `look`, but never the answer of a look that began before now. */
  async lookAgain(): Promise<void> {
    await this.#looking
    await this.look()
  }

  /** Looks for engines that are not listed yet; costs a few file look-ups. Never rejects. */
  async lookForNew(): Promise<void> {
    if (this.#looking) return
    try {
      const before = new Set(this.#units.keys())
      await this.#sync()
      const fresh = this.units.filter((unit) => !before.has(unit.id))
      await Promise.all(fresh.map((unit) => unit.look(this.signal)))
    } catch (error) {
      this.#failed(error)
    }
  }

  async close(): Promise<void> {
    this.#lifetime.abort(new NaruError('cancelled', 'cancelled'))
    await Promise.all(this.units.map((unit) => unit.close()))
  }

  async #lookEverywhere(): Promise<void> {
    try {
      const listed = this.#sync()
      this.#listing = listed.catch(() => undefined)
      await listed
      const looks = this.units.map((unit) => unit.look(this.signal))
      await within(this.timings.settleMs, this.signal, () => new Error('late'), async (signal) => {
        await Promise.all(looks)
        // Managed engines may take their time to start; their state is shown meanwhile.
        const foreign = this.units.filter((unit) => !unit.provider.managed)
        await Promise.all(foreign.map((unit) => unit.whenSettled(signal)))
      }).catch(() => undefined)
    } catch (error) {
      this.#failed(error)
    }
  }

  async #discover(): Promise<readonly EngineProvider[]> {
    const { registry, providers, settings } = this.#options
    const { engine, sockets } = settings.get()
    const own = new Set(providers.map(({ id }) => id))
    // A socket chosen explicitly is looked at even when nothing else names it any more.
    const chosen = engine.startsWith('socket:') ? [engine.slice('socket:'.length)] : []
    const found = await registry.discover([...sockets, ...chosen])
    return [...found.filter(({ id }) => !own.has(id)), ...providers]
  }

  /** Makes the list what discovery says now; what is current, or connected and not taken off by hand, stays. */
  async #sync(): Promise<void> {
    const found = await this.#discover()
    if (this.signal.aborted) return
    const known = this.#units
    this.#units = new Map()
    for (const provider of found) {
      const unit = known.get(provider.id)
      if (unit) this.#units.set(provider.id, unit)
      else this.add(provider)
    }
    const gone: EngineUnit[] = []
    for (const [id, unit] of known) {
      if (this.#units.has(id)) continue
      const stays = id === this.#events.currentId() || (unit.connection !== null && unit.provider.origin !== 'added')
      if (stays) this.#units.set(id, unit)
      else gone.push(unit)
    }
    await Promise.all(gone.map((unit) => unit.close()))
    this.#events.onChange()
  }

  #failed(error: unknown): void {
    this.#options.log?.(`looking for engines failed: ${toEnvelope(error).message}`)
  }
}
