/** One build while it runs: what its readers see, told at most every 100 ms, and what is kept of it afterwards. */
import type { BuildFailure, BuildPatch, BuildRow, BuildSpec } from '../contract/models.ts'
import { createBroadcast } from '../host/broadcast.ts'
import type { BuildSink } from './builder.ts'
import type { Dockerfile } from './dockerfile.ts'
import { buildMask, hiddenBuild } from './hidden.ts'
import type { BuildRecord } from './history.ts'
import type { BuildLogFile } from './log-file.ts'
import { StepList } from './step-list.ts'

export interface LiveBuildOptions {
  readonly id: string
  readonly engineId: string
  readonly name: string
  /** With its secrets; they are in nothing that is told or kept. */
  readonly spec: BuildSpec
  readonly command: string
  readonly file: Dockerfile
  readonly log: BuildLogFile
  readonly now: () => number
  /** The row changed. */
  readonly onRow: (row: BuildRow) => void
}

export interface LiveBuild {
  readonly sink: BuildSink
  readonly row: () => BuildRow
  readonly change: (more: Partial<BuildRow>) => void
  /** The steps or the log changed: told soon. */
  readonly touch: () => void
  /** Resolves when the log has been written far enough for more. */
  readonly drained: () => Promise<void>
  readonly end: (more: Pick<BuildRow, 'status'> & Partial<BuildRow>, failure?: BuildFailure) => Promise<BuildRecord>
  readonly watch: (signal: AbortSignal) => AsyncIterable<BuildPatch>
  readonly log: BuildLogFile
}

/** Milliseconds between two patches; a noisy step would otherwise make one for each line. */
const PACE_MS = 100

/** The one patch that does what both do. */
export function mergeBuildPatches(older: BuildPatch, newer: BuildPatch): BuildPatch {
  if (newer.reset) return newer
  const steps = new Map(older.steps.map((step) => [step.id, step]))
  for (const step of newer.steps) steps.set(step.id, step)
  return { ...newer, reset: older.reset, steps: [...steps.values()] }
}

export function createLiveBuild(options: LiveBuildOptions): LiveBuild {
  const { log, now } = options
  const hide = buildMask(options.spec)
  const steps = new StepList()
  const changes = createBroadcast<BuildPatch>(mergeBuildPatches)
  let failure: BuildFailure | undefined
  let timer: NodeJS.Timeout | null = null
  let row: BuildRow = {
    id: options.id,
    engineId: options.engineId,
    name: options.name,
    ...hiddenBuild(options),
    status: 'running',
    phase: 'sending',
    startedAt: now(),
    steps: steps.counts(),
    contextBytes: 0,
    contextFiles: 0,
    warnings: 0,
  }

  const refresh = (): void => {
    const { current: _was, ...rest } = row
    const current = row.status === 'running' ? steps.current() : undefined
    row = { ...hide(rest), steps: steps.counts(), warnings: steps.warnings.length, ...(current !== undefined && { current: hide(current).slice(0, 500) }) }
  }
  const patch = (reset: boolean): BuildPatch => ({
    reset,
    build: row,
    steps: hide(reset ? steps.all() : steps.takeChanged()),
    warnings: hide([...steps.warnings]),
    ...(failure && { failure }),
    logLines: log.total(),
  })
  const publish = (): void => {
    if (timer) clearTimeout(timer)
    timer = null
    refresh()
    options.onRow(row)
    changes.publish(patch(false))
  }
  const touch = (): void => {
    timer ??= setTimeout(publish, PACE_MS)
  }

  return {
    log,
    sink: {
      steps,
      file: options.file,
      now,
      log: (line) => log.add({ ...line, text: hide(line.text) }),
    },
    row: () => row,
    touch,
    drained: () => log.drained(),
    change(more) {
      row = { ...row, ...more }
      touch()
    },
    watch(signal) {
      return changes.subscribe(signal, () => patch(true))
    },
    async end(more, why) {
      const at = now()
      steps.endAll(more.status === 'succeeded' ? 'done' : more.status === 'cancelled' ? 'cancelled' : 'failed', at)
      failure = why && hide(why)
      const { phase: _over, ...rest } = row
      row = { ...rest, ...more, endedAt: at }
      publish()
      changes.close()
      await log.close()
      return { row, steps: hide(steps.all()), warnings: hide([...steps.warnings]), ...(failure && { failure }) }
    },
  }
}
