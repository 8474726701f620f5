/** Every operation of this session: starts, cancels and repeats them, keeps a bounded history, tells every change. */
import { randomUUID } from 'node:crypto'
import { NaruError, isCancelled, toEnvelope } from '../contract/errors.ts'
import type { ErrorEnvelope } from '../contract/errors.ts'
import type { OperationName, OperationProgress, OperationRow, RowPatch } from '../contract/models.ts'
import { OPERATION_ARGS, problemOf } from '../contract/validate.ts'
import { createBroadcast } from '../host/broadcast.ts'
import { mergeRowPatches } from '../host/row-patch.ts'
import type { ArgOf, RunContext, Runner, Runners } from './runner.ts'
import { visible, visibleError } from './visible.ts'
import { createSlots } from './slots.ts'
import type { Slots } from './slots.ts'

export interface OperationRegistry {
  /** Starts and returns the id at once. @throws NaruError `invalid-request` for bad arguments or too many at once */
  readonly start: <N extends OperationName>(name: N, arg: ArgOf<N>) => string
  /** @throws NaruError `not-found`, or `invalid-request` when it cannot be cancelled. Ended ones are left alone. */
  readonly cancel: (id: string) => void
  /** The same again, as a new operation. @throws NaruError `not-found`, `conflict` while it still runs */
  readonly retry: (id: string) => string
  /** The docker line with its secrets, which the row does not have. @throws NaruError `not-found` */
  readonly command: (id: string) => string
  /** Takes ended operations off the list. */
  readonly clear: () => void
  readonly rows: () => readonly OperationRow[]
  /** First item = everything listed, oldest first; then changes, conflated per row. */
  readonly watch: (signal: AbortSignal) => AsyncIterable<RowPatch<OperationRow>>
  /** The row once it has ended. @throws NaruError `not-found` */
  readonly settled: (id: string) => Promise<OperationRow>
  /** Cancels everything and waits (at most `waitMs`) until it has stopped. */
  readonly close: (waitMs?: number) => Promise<void>
}

export interface RegistryOptions {
  readonly runners: Runners
  readonly now?: () => number
  /** Ended operations kept. */
  readonly history?: number
  /** Operations that work at the same time; more wait. */
  readonly atOnce?: number
  /** Operations running or waiting; one more is refused. */
  readonly most?: number
  /** Told of the arguments of every operation: what they hold may have to be hidden elsewhere. */
  readonly onArgument?: (arg: unknown) => void
  /** Told of the arguments of every operation that has ended. */
  readonly onEnded?: (arg: unknown) => void
  /** Hides in errors what is known to be secret beside an operation's own arguments. */
  readonly redact?: (text: string) => string
  /** Told of each operation that did not succeed: it may have done what no event tells. */
  readonly onUndone?: (row: OperationRow) => void
  /** Shortest time between two progress reports of one operation, milliseconds. */
  readonly progressMs?: number
}

interface Entry {
  row: OperationRow
  readonly arg: unknown
  /** Secrets included. */
  command: string
  readonly abort: AbortController
  /** Milliseconds of `performance.now()`. */
  readonly began: number
  done: Promise<void>
  progressTimer: NodeJS.Timeout | null
  pendingProgress: OperationProgress | null
}

const DEFAULTS = { now: Date.now, history: 500, atOnce: 64, most: 2_000, progressMs: 100, onArgument: () => undefined, onEnded: () => undefined, redact: (text: string) => text, onUndone: () => undefined }

const isRunning = (entry: Entry): boolean => entry.row.status === 'running'

class Registry {
  readonly #options: Required<RegistryOptions>
  readonly #entries = new Map<string, Entry>()
  readonly #changes = createBroadcast<RowPatch<OperationRow>>(mergeRowPatches)
  readonly #slots: Slots
  #closed = false

  constructor(options: RegistryOptions) {
    this.#options = { ...DEFAULTS, ...options }
    this.#slots = createSlots(this.#options.atOnce)
  }

  get entries(): readonly Entry[] {
    return [...this.#entries.values()]
  }

  /** @throws NaruError `not-found` */
  find(id: string): Entry {
    const entry = this.#entries.get(id)
    if (!entry) throw new NaruError('not-found', `no operation ${id}`, { params: { name: id } })
    return entry
  }

  watch(signal: AbortSignal): AsyncIterable<RowPatch<OperationRow>> {
    return this.#changes.subscribe(signal, () => ({ upsert: this.entries.map((entry) => entry.row), remove: [] }))
  }

  start<N extends OperationName>(name: N, arg: ArgOf<N>): string {
    this.#admit(name, arg)
    const runner: Runner<N> = this.#options.runners[name]
    this.#options.onArgument(arg)
    const description = runner.describe(arg)
    const row: OperationRow = {
      id: randomUUID(),
      name,
      engineId: arg.engineId,
      status: 'running',
      ...visible(description),
      startedAt: this.#options.now(),
      cancellable: runner.cancellable,
    }
    const abort = new AbortController()
    const entry: Entry = { row, arg, command: description.command, abort, began: performance.now(), done: Promise.resolve(), progressTimer: null, pendingProgress: null }
    this.#entries.set(row.id, entry)
    this.#changes.publish({ upsert: [row], remove: [] })
    entry.done = this.#execute(entry, runner, arg)
    return row.id
  }

  cancel(id: string): void {
    const entry = this.find(id)
    if (!isRunning(entry)) return
    if (!entry.row.cancellable) {
      throw new NaruError('invalid-request', `${entry.row.name} cannot be cancelled`, { hint: 'not-cancellable' })
    }
    entry.abort.abort(new NaruError('cancelled', 'cancelled'))
  }

  retry(id: string): string {
    const entry = this.find(id)
    if (isRunning(entry)) throw new NaruError('conflict', 'the operation still runs', { hint: 'still-running' })
    return this.start(entry.row.name, entry.arg as ArgOf<typeof entry.row.name>)
  }

  clear(): void {
    this.#remove(this.entries.filter((entry) => !isRunning(entry)))
  }

  async close(waitMs: number): Promise<void> {
    this.#closed = true
    const running = this.entries.filter(isRunning)
    for (const entry of running) entry.abort.abort(new NaruError('cancelled', 'Naru is closing'))
    await withLimit(Promise.all(running.map((entry) => entry.done)), waitMs)
    for (const entry of running) if (entry.progressTimer) clearTimeout(entry.progressTimer)
    this.#changes.close()
  }

  #admit(name: OperationName, arg: unknown): void {
    if (this.#closed) throw new NaruError('cancelled', 'Naru is closing')
    const problem = problemOf(OPERATION_ARGS[name], arg)
    if (problem) throw new NaruError('invalid-request', problem)
    const { most } = this.#options
    if (this.entries.filter(isRunning).length < most) return
    throw new NaruError('invalid-request', `more than ${most} operations at once`, { hint: 'too-many-operations' })
  }

  async #execute<N extends OperationName>(entry: Entry, runner: Runner<N>, arg: ArgOf<N>): Promise<void> {
    const { signal } = entry.abort
    const context: RunContext = {
      signal,
      operationId: entry.row.id,
      report: (progress) => this.#report(entry, progress),
      describe: (more) => {
        if (more.command !== undefined) {
          const { shown: _shown, needs: _needs, ...rest } = entry.row
          entry.command = more.command
          entry.row = rest
        }
        this.#change(entry, visible(more))
      },
    }
    try {
      const result = await this.#slots.run(signal, () => runner.run(arg, context))
      this.#end(entry, { status: 'succeeded', result })
    } catch (error) {
      // An abort surfaces as many things (socket closed, stream cut): what the person asked for decides.
      if (signal.aborted || isCancelled(error)) this.#end(entry, { status: 'cancelled' })
      else this.#end(entry, { status: 'failed', error: visibleError(envelopeFor(error, entry.row), entry.arg, this.#options.redact) })
    }
  }

  #change(entry: Entry, more: Partial<OperationRow>): void {
    entry.row = { ...entry.row, ...more }
    if (this.#entries.has(entry.row.id)) this.#changes.publish({ upsert: [entry.row], remove: [] })
  }

  /** A new step is told at once, progress within a step at most every `progressMs`; the newest always arrives. */
  #report(entry: Entry, progress: OperationProgress): void {
    if (!isRunning(entry)) return
    if (entry.progressTimer && entry.row.progress?.step === progress.step) {
      entry.pendingProgress = progress
      return
    }
    this.#change(entry, { progress })
    entry.pendingProgress = null
    if (entry.progressTimer) clearTimeout(entry.progressTimer)
    entry.progressTimer = setTimeout(() => {
      entry.progressTimer = null
      if (entry.pendingProgress) this.#report(entry, entry.pendingProgress)
    }, this.#options.progressMs)
  }

  #end(entry: Entry, more: Partial<OperationRow>): void {
    if (entry.progressTimer) clearTimeout(entry.progressTimer)
    entry.progressTimer = null
    const progress = entry.pendingProgress
    const endedAt = this.#options.now()
    // Set back meanwhile, the clock would have it end before it began. One that was set forward looks like a sleep.
    const moved = endedAt < entry.row.startedAt && { startedAt: endedAt - (performance.now() - entry.began) }
    this.#change(entry, { ...(progress && { progress }), ...more, ...moved, endedAt, cancellable: false })
    this.#options.onEnded(entry.arg)
    if (entry.row.status !== 'succeeded') this.#options.onUndone(entry.row)
    const ended = this.entries.filter((one) => !isRunning(one))
    this.#remove(ended.slice(0, Math.max(0, ended.length - this.#options.history)))
  }

  #remove(gone: readonly Entry[]): void {
    if (gone.length === 0) return
    for (const entry of gone) this.#entries.delete(entry.row.id)
    this.#changes.publish({ upsert: [], remove: gone.map((entry) => entry.row.id) })
  }
}

export function createOperationRegistry(options: RegistryOptions): OperationRegistry {
  const registry = new Registry(options)
  return {
    start: (name, arg) => registry.start(name, arg),
    cancel: (id) => registry.cancel(id),
    retry: (id) => registry.retry(id),
    command: (id) => registry.find(id).command,
    clear: () => registry.clear(),
    rows: () => registry.entries.map((entry) => entry.row),
    watch: (signal) => registry.watch(signal),
    async settled(id) {
      const entry = registry.find(id)
      await entry.done
      return entry.row
    },
    close: (waitMs = 5_000) => registry.close(waitMs),
  }
}

function envelopeFor(error: unknown, row: OperationRow): ErrorEnvelope {
  return { engineId: row.engineId, ...toEnvelope(error), operationId: row.id }
}

async function withLimit(work: Promise<unknown>, limitMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, limitMs)
  })
  await Promise.race([work, limit])
  clearTimeout(timer)
}
