/** Every operation of this session: starts, cancels and repeats them, keeps a bounded history, tells every change. */
import { randomUUID } from 'node:crypto'
import { NaruError, isCancelled, toEnvelope } from '../contract/errors.ts'
import type { ErrorEnvelope } from '../contract/errors.ts'
import type { OperationName, OperationProgress, OperationRow, RowPatch } from '../contract/models.ts'
import { OPERATION_ARGS, problemOf } from '../contract/validate.ts'
import { createBroadcast } from '../host/broadcast.ts'
import { mergeRowPatches } from '../host/row-patch.ts'
import type { ArgOf, Runner, Runners } from './runner.ts'
import { createSlots } from './slots.ts'

export interface OperationRegistry {
  /** Starts and returns the id at once. @throws NaruError `invalid-request` for bad arguments or too many at once */
  readonly start: <N extends OperationName>(name: N, arg: ArgOf<N>) => string
  /** @throws NaruError `not-found`, or `invalid-request` when it cannot be cancelled. Ended ones are left alone. */
  readonly cancel: (id: string) => void
  /** The same again, as a new operation. @throws NaruError `not-found`, `conflict` while it still runs */
  readonly retry: (id: string) => string
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
  /** Shortest time between two progress reports of one operation, milliseconds. */
  readonly progressMs?: number
}

interface Entry {
  row: OperationRow
  readonly arg: unknown
  readonly abort: AbortController
  done: Promise<void>
  progressTimer: NodeJS.Timeout | null
  pendingProgress: OperationProgress | null
}

export function createOperationRegistry(options: RegistryOptions): OperationRegistry {
  const { now = Date.now, history = 500, atOnce = 64, most = 2_000, progressMs = 100 } = options
  const entries = new Map<string, Entry>()
  const changes = createBroadcast<RowPatch<OperationRow>>(mergeRowPatches)
  const slots = createSlots(atOnce)
  let closed = false

  function change(entry: Entry, more: Partial<OperationRow>): void {
    entry.row = { ...entry.row, ...more }
    if (entries.has(entry.row.id)) changes.publish({ upsert: [entry.row], remove: [] })
  }

  function report(entry: Entry, progress: OperationProgress): void {
    if (entry.row.status !== 'running') return
    const stepChanged = entry.row.progress?.step !== progress.step
    if (entry.progressTimer && !stepChanged) {
      entry.pendingProgress = progress
      return
    }
    change(entry, { progress })
    entry.pendingProgress = null
    if (entry.progressTimer) clearTimeout(entry.progressTimer)
    entry.progressTimer = setTimeout(() => {
      entry.progressTimer = null
      if (entry.pendingProgress) report(entry, entry.pendingProgress)
    }, progressMs)
  }

  function end(entry: Entry, more: Partial<OperationRow>): void {
    if (entry.progressTimer) clearTimeout(entry.progressTimer)
    entry.progressTimer = null
    change(entry, {
      ...(entry.pendingProgress && { progress: entry.pendingProgress }),
      ...more,
      endedAt: now(),
      cancellable: false,
    })
    forgetOldest()
  }

  function forgetOldest(): void {
    const ended = [...entries.values()].filter((entry) => entry.row.status !== 'running')
    remove(ended.slice(0, Math.max(0, ended.length - history)))
  }

  function remove(gone: readonly Entry[]): void {
    if (gone.length === 0) return
    for (const entry of gone) entries.delete(entry.row.id)
    changes.publish({ upsert: [], remove: gone.map((entry) => entry.row.id) })
  }

  async function execute<N extends OperationName>(entry: Entry, runner: Runner<N>, arg: ArgOf<N>): Promise<void> {
    const { signal } = entry.abort
    try {
      const result = await slots.run(signal, () =>
        runner.run(arg, {
          signal,
          operationId: entry.row.id,
          report: (progress) => report(entry, progress),
          describe: (more) => change(entry, more),
        }),
      )
      end(entry, { status: 'succeeded', result })
    } catch (error) {
      // An abort surfaces as many things (socket closed, stream cut): what the person asked for decides.
      if (signal.aborted || isCancelled(error)) end(entry, { status: 'cancelled' })
      else end(entry, { status: 'failed', error: envelopeFor(error, entry.row) })
    }
  }

  function start<N extends OperationName>(name: N, arg: ArgOf<N>): string {
    if (closed) throw new NaruError('cancelled', 'Naru is closing')
    const problem = problemOf(OPERATION_ARGS[name], arg)
    if (problem) throw new NaruError('invalid-request', problem)
    const running = [...entries.values()].filter((entry) => entry.row.status === 'running').length
    if (running >= most) throw new NaruError('invalid-request', `more than ${most} operations at once`, { hint: 'too-many-operations' })
    const runner: Runner<N> = options.runners[name]
    const row: OperationRow = {
      id: randomUUID(),
      name,
      engineId: arg.engineId,
      status: 'running',
      ...runner.describe(arg),
      startedAt: now(),
      cancellable: runner.cancellable,
    }
    const entry: Entry = {
      row,
      arg,
      abort: new AbortController(),
      done: Promise.resolve(),
      progressTimer: null,
      pendingProgress: null,
    }
    entries.set(row.id, entry)
    changes.publish({ upsert: [row], remove: [] })
    entry.done = execute(entry, runner, arg)
    return row.id
  }

  function find(id: string): Entry {
    const entry = entries.get(id)
    if (!entry) throw new NaruError('not-found', `no operation ${id}`)
    return entry
  }

  return {
    start,
    cancel(id) {
      const entry = find(id)
      if (entry.row.status !== 'running') return
      if (!entry.row.cancellable) {
        throw new NaruError('invalid-request', `${entry.row.name} cannot be cancelled`, { hint: 'not-cancellable' })
      }
      entry.abort.abort(new NaruError('cancelled', 'cancelled'))
    },
    retry(id) {
      const { row, arg } = find(id)
      if (row.status === 'running') throw new NaruError('conflict', 'the operation still runs', { hint: 'still-running' })
      return start(row.name, arg as ArgOf<typeof row.name>)
    },
    clear: () => remove([...entries.values()].filter((entry) => entry.row.status !== 'running')),
    rows: () => [...entries.values()].map((entry) => entry.row),
    watch: (signal) =>
      changes.subscribe(signal, () => ({ upsert: [...entries.values()].map((entry) => entry.row), remove: [] })),
    async settled(id) {
      const entry = find(id)
      await entry.done
      return entry.row
    },
    async close(waitMs = 5_000) {
      closed = true
      const running = [...entries.values()].filter((entry) => entry.row.status === 'running')
      for (const entry of running) entry.abort.abort(new NaruError('cancelled', 'Naru is closing'))
      await withLimit(Promise.all(running.map((entry) => entry.done)), waitMs)
      for (const entry of running) if (entry.progressTimer) clearTimeout(entry.progressTimer)
      changes.close()
    },
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
