/** What happened to one container, out of the engine's events. Pure. */
import type { StopStep, StopStepKind } from '../../contract/models.ts'
import type { RawContainerInspect, RawEvent } from '../../docker/api-types.ts'
import { readEvent } from '../../docker/events.ts'
import { momentOf } from '../../state/normalise.ts'
import { signalName } from '../signals.ts'

/** Steps told at most: of a container that restarts for ever, the last ones. */
export const MOST_STEPS = 40

const KINDS: ReadonlySet<string> = new Set<StopStepKind>(['create', 'start', 'stop', 'kill', 'oom', 'die', 'restart', 'pause', 'unpause'])

/** Null for what has nothing to do with its life: exec, attach, rename… */
export function stepOf(raw: RawEvent): StopStep | null {
  const { type, action, extra, at } = readEvent(raw, 0)
  if (type !== 'container') return null
  const attributes = raw.Actor?.Attributes ?? {}
  if (action === 'health_status') {
    const kind = (extra || attributes['health_status']) === 'healthy' ? 'healthy' : 'unhealthy'
    return { at, kind }
  }
  if (!KINDS.has(action)) return null
  const kind = action as StopStepKind
  const signal = kind === 'kill' && attributes['signal'] ? named(attributes['signal']) : ''
  const exitCode = kind === 'die' ? Number(attributes['exitCode'] ?? attributes['containerExitCode'] ?? Number.NaN) : Number.NaN
  return { at, kind, ...(signal && { signal }), ...(Number.isInteger(exitCode) && { exitCode }) }
}

const named = (signal: string): string => (/^\d+$/.test(signal) ? signalName(Number(signal)) || signal : signal)

const sameStep = (a: StopStep, b: StopStep): boolean => a.kind === b.kind && a.signal === b.signal && Math.abs(a.at - b.at) < 2

/** Told twice (kept by Naru, and told again by the engine) is once; in order of time. */
export function mergeSteps(...lists: readonly (readonly StopStep[])[]): StopStep[] {
  const merged: StopStep[] = []
  for (const step of lists.flat().sort((a, b) => a.at - b.at)) {
    if (!merged.slice(-6).some((other) => sameStep(other, step))) merged.push(step)
  }
  return merged
}

export interface Chain {
  readonly steps: readonly StopStep[]
  /** Those since its last start. */
  readonly run: readonly StopStep[]
  /** False when the engine no longer knows how the last run went. */
  readonly known: boolean
}

/** Clocks of the engine's parts differ by a little, ms. */
const SLACK_MS = 50

/** Completed by what inspect tells. An engine under load tells a start seconds after it was, even after the end. */
export function chainOf(steps: readonly StopStep[], { Created, State }: RawContainerInspect): Chain {
  const createdAt = momentOf(Created)
  const created: StopStep[] = createdAt !== undefined && !steps.some(({ kind }) => kind === 'create') ? [{ at: createdAt, kind: 'create' }] : []
  const startedAt = momentOf(State.StartedAt)
  if (startedAt === undefined) return { steps: mergeSteps(created, steps).slice(-MOST_STEPS), run: [], known: true }
  const finishedAt = momentOf(State.FinishedAt) ?? 0
  const begins = startedAt - SLACK_MS
  const lastEnd = steps.findLast(({ kind, at }) => kind === 'die' && at < begins)?.at ?? 0
  const hasStart = steps.some(({ kind, at }) => kind === 'start' && at > lastEnd)
  const ended = State.Running !== true && finishedAt >= startedAt
  const hasEnd = steps.some(({ kind, at }) => kind === 'die' && at >= begins)
  const whole = mergeSteps(steps, [
    ...created,
    ...(hasStart ? [] : [{ at: startedAt, kind: 'start' } as const]),
    ...(ended && !hasEnd ? [{ at: finishedAt, kind: 'die', exitCode: State.ExitCode } as const] : []),
  ])
  return { steps: whole.slice(-MOST_STEPS), run: whole.filter(({ at }) => at >= begins), known: hasStart && (!ended || hasEnd) }
}
