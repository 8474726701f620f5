/** One engine of the list: its state, its connection and the loop that keeps it. */
import { NaruError, fromEnvelope, isCancelled, toEnvelope } from '../contract/errors.ts'
import type { ErrorEnvelope } from '../contract/errors.ts'
import type { EnginePhase, EngineStatus, EngineSummary } from '../contract/models.ts'
import type { EngineClient } from '../docker/engine-client.ts'
import { Changes } from './changes.ts'
import { notConnected } from './connection.ts'
import type { EngineConnection } from './connection.ts'
import { initialState, transition } from './machine.ts'
import type { MachineEvent, MachineState } from './machine.ts'
import type { EngineHandle, EngineProvider } from './provider.ts'
import { Restarts, Waker, within } from './retry.ts'
import { stopRunningContainers } from './shutdown.ts'
import { supervise } from './supervise.ts'
import type { SuperviseHost } from './supervise.ts'
import { summarise } from './unit-types.ts'
import type { KnownEngine, StopOptions, UnitOptions } from './unit-types.ts'

interface Run {
  readonly abort: AbortController
  done: Promise<void>
}

/** Longest last line that is shown, in characters. */
const LINE_LIMIT = 500

export class EngineUnit {
  readonly provider: EngineProvider
  /** The person stopped it (or gave its start up): it is not started by itself again. */
  stoppedByPerson = false
  /** It answered at least once since Naru began. */
  everReady = false
  readonly #options: UnitOptions
  readonly #waker = new Waker()
  readonly #restarts: Restarts
  readonly #changes = new Changes()
  #state: MachineState
  #run: Run | null = null
  #handle: EngineHandle | null = null
  #connection: { readonly value: EngineConnection; readonly lost: AbortController } | null = null
  /** Version and capabilities of the last connection: shown greyed while it is unreachable. */
  #known: KnownEngine = {}
  #current = false
  #looked = false
  #closed = false
  /** The next start may repair a damaged disk. */
  #repair = false

  constructor(options: UnitOptions) {
    this.#options = options
    this.provider = options.provider
    this.#restarts = new Restarts(options.provider.restarts ?? options.timings.restarts)
    this.#state = initialState(options.now())
  }

  get id(): string {
    return this.provider.id
  }

  get managed(): boolean {
    return this.provider.managed
  }

  get status(): EngineStatus {
    return this.#state.status
  }

  get connection(): EngineConnection | null {
    return this.#connection?.value ?? null
  }

  /** The first look is over and no start is under way: what is known now stands until something happens. */
  get settled(): boolean {
    return this.#closed || (this.#looked && this.status !== 'starting')
  }

  async whenSettled(signal: AbortSignal): Promise<void> {
    await this.#changes.until(signal, () => this.settled)
  }

  summary(): EngineSummary {
    return summarise(this.provider, this.#state, this.#known, this.#connection !== null && this.#handle?.nap?.resting())
  }

  /** @throws NaruError `engine.starting`, `engine.unreachable`, or why it cannot be used (`denied`…) */
  requireConnection(): EngineConnection {
    const connection = this.connection
    if (connection) return connection
    throw notConnected(this.id, this.status, this.#state.error)
  }

  setCurrent(current: boolean): void {
    if (this.#current === current) return
    this.#current = current
    // The next ping comes at the pace of the new role.
    this.#waker.wake()
  }

  /** Finds out what it is without changing anything; one that runs is opened. */
  async look(signal: AbortSignal): Promise<void> {
    if (this.#run) {
      this.#waker.wake()
      return
    }
    const { detectMs } = this.#options.timings
    try {
      const late = (): NaruError => new NaruError('timeout', `no answer in ${detectMs} ms`, { engineId: this.id })
      const found = await within(detectMs, signal, late, (both) => this.provider.detect(both))
      if (this.#run) return
      const usable = found.error?.code !== 'unsupported'
      // Somebody else's daemon may come at any moment: it is watched also while it does not answer.
      if (found.state === 'running' || (!this.managed && usable)) this.open()
      else if (found.state === 'startable') {
        // Why the last start failed stays until somebody tries again.
        if (this.status !== 'failed') this.#lookedAt({ type: 'found-stopped' })
      } else this.#lookedAt({ type: 'found-absent', ...(found.error && { error: found.error }) })
    } catch (error) {
      if (!isCancelled(error)) this.#lookedAt({ type: 'found-absent', error: toEnvelope(error) })
    } finally {
      this.#looked = true
      this.#changed()
    }
  }

  /** Obtains and connects it, and keeps it so. Does nothing when that is under way. */
  open(): void {
    if (this.#run || this.#closed) return
    this.stoppedByPerson = false
    this.#dispatch({ type: 'start' })
    if (!this.managed) this.#dispatch({ type: 'phase', phase: { step: 'connect', index: 1, total: 1 } })
    const abort = new AbortController()
    const run: Run = { abort, done: Promise.resolve() }
    this.#run = run
    run.done = supervise(this.#host(), abort.signal)
      .catch(toEnvelope)
      .then((failure) => {
        // Somebody else ended it, and says what it is now.
        if (this.#run !== run || abort.signal.aborted) return
        this.#run = null
        if (failure) this.#dispatch({ type: 'failed', error: failure })
      })
  }

  /** Tries now: cuts a wait short, or begins again after a failure. */
  retry(): void {
    this.#restarts.reset()
    if (this.#run) this.#waker.wake()
    else this.open()
  }

  /** Opens it and waits until it answers. A start that is given up (signal) is undone for a managed engine. */
  async start(signal: AbortSignal, report: (phase: EnginePhase) => void, repair = false): Promise<void> {
    this.#repair = repair
    const waiting = this.#run !== null && this.connection === null && this.status !== 'starting'
    let told: EnginePhase | undefined
    const isUp = (): boolean => {
      const { phase, status, error } = this.#state
      if (phase && phase !== told) report(phase)
      told = phase
      if (this.connection) return true
      if (status === 'starting' || status === 'ready') return false
      throw error ? fromEnvelope({ ...error, engineId: this.id }) : notConnected(this.id, status, undefined)
    }
    this.retry()
    try {
      // Between two attempts the old failure still stands: only the next attempt's result counts.
      await this.#changes.until(signal, isUp, waiting)
    } catch (error) {
      if (isCancelled(error) && this.managed && this.status === 'starting') await this.#giveUpStart()
      throw error
    }
  }

  /** Stops the daemon of a managed engine, its containers first when asked. */
  async stop(options: StopOptions): Promise<void> {
    if (!this.managed) {
      throw new NaruError('unsupported', 'only an engine that Naru started can be stopped', {
        engineId: this.id,
        hint: 'engine-not-ours',
      })
    }
    if (this.status === 'stopped' || this.status === 'absent') return
    const report = (step: string, index: number): void => {
      const phase = { step, index, total: 2 }
      this.#dispatch({ type: 'phase', phase })
      options.report?.({ ...phase, since: this.#options.now() })
    }
    if (options.containers === 'stop') {
      const { client } = this.requireConnection()
      options.report?.({ step: 'containers', index: 1, total: 2, since: this.#options.now() })
      await stopRunningContainers(client, options)
    }
    this.stoppedByPerson = true
    // From here on there is no way back: a daemon that got half of its stop is worse than a stopped one.
    this.#dispatch({ type: 'stop' })
    report('engine', 2)
    await this.#endRun()
    try {
      if (!this.#handle) await this.#adopt(options.signal)
      await this.#handle?.stop({ graceMs: this.#options.timings.stopGraceMs })
      this.#setHandle(null)
      this.#dispatch({ type: 'stopped' })
    } catch (error) {
      this.#dispatch({ type: 'failed', error: toEnvelope(error) })
      throw error
    }
  }

  /** Lets go; the engine lives on. */
  async close(): Promise<void> {
    this.#closed = true
    // Whoever waits for it to settle need not wait any more.
    this.#changes.notify()
    await this.#endRun()
    this.#setHandle(null)
  }

  /** A daemon that runs without a handle (its start was given up half-way) is taken over, so that it can be stopped. */
  async #adopt(signal: AbortSignal): Promise<void> {
    const { state } = await this.provider.detect(signal)
    if (state !== 'running') return
    const { now, log } = this.#options
    this.#setHandle(await this.provider.start({ signal, now, log, report: () => undefined }))
  }

  async #giveUpStart(): Promise<void> {
    this.stoppedByPerson = true
    await this.#endRun()
    await this.#handle?.stop({ graceMs: this.#options.timings.stopGraceMs }).catch((error: unknown) => {
      this.#options.log(`${this.id}: undoing the start failed: ${toEnvelope(error).message}`)
    })
    this.#setHandle(null)
    this.#dispatch({ type: 'stopped' })
  }

  /** Aborts the loop and waits for it, but not for ever: a provider that hangs must not hang Naru's end. */
  async #endRun(): Promise<void> {
    const run = this.#run
    if (!run) return
    run.abort.abort(new NaruError('cancelled', 'cancelled'))
    const { closeMs } = this.#options.timings
    await within(closeMs, new AbortController().signal, () => new Error('late'), () => run.done).catch(() => {
      this.#options.log(`${this.id}: did not let go in ${closeMs} ms`)
    })
    if (this.#run === run) this.#run = null
  }

  #host(): SuperviseHost {
    const { connect, timings, now, random } = this.#options
    return {
      provider: this.provider,
      connect,
      timings,
      now,
      random,
      waker: this.#waker,
      restarts: this.#restarts,
      log: (line) => this.#options.log(`${this.id}: ${line}`),
      everReady: () => this.everReady,
      takeRepair: () => {
        const agreed = this.#repair
        this.#repair = false
        return agreed
      },
      pingEveryMs: () => (this.#current ? timings.pingMs : timings.idlePingMs),
      dispatch: (event) => this.#dispatch(event),
      setHandle: (handle) => this.#setHandle(handle),
      connected: (client, handle) => this.#connected(client, handle),
      disconnected: (error) => this.#disconnected(error),
    }
  }

  #setHandle(handle: EngineHandle | null): void {
    // A provider that did not let go in time brings one nobody would ever release.
    if (this.#closed && handle) return handle.release()
    if (this.#handle !== handle) {
      this.#handle?.release()
      // A handle that was let go tells nothing more.
      handle?.nap?.onChange(() => this.#changed())
    }
    this.#handle = handle
    if (handle?.dockerHost) this.#known = { ...this.#known, dockerHost: handle.dockerHost }
  }

  #connected(client: EngineClient, handle: EngineHandle): void {
    const lost = new AbortController()
    const value = { engineId: this.id, client, handle, signal: lost.signal }
    this.everReady = true
    this.#connection = { value, lost }
    this.#known = { ...this.#known, version: client.version, capabilities: client.capabilities }
    this.#dispatch({ type: 'answered' })
    this.#options.onConnection(value)
  }

  #disconnected(error: ErrorEnvelope): void {
    const gone = this.#connection
    this.#connection = null
    gone?.lost.abort(fromEnvelope({ ...error, engineId: this.id }))
    this.#changed()
  }

  /** The look's result; a unit that was opened meanwhile knows better. */
  #lookedAt(event: MachineEvent): void {
    if (!this.#run) this.#dispatch(event)
  }

  #dispatch(event: MachineEvent): boolean {
    const cut =
      event.type === 'phase' && event.phase.lastLine && event.phase.lastLine.length > LINE_LIMIT
        ? { ...event, phase: { ...event.phase, lastLine: event.phase.lastLine.slice(0, LINE_LIMIT) } }
        : event
    const next = transition(this.#state, cut, this.#options.now())
    if (!next) return false
    this.#state = next
    this.#changed()
    return true
  }

  #changed(): void {
    this.#options.onChange()
    this.#changes.notify()
  }
}
