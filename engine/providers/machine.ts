/**
 * Life of one engine as a pure state machine: which status may follow which, and what each event does. Everything
 * that shows or decides by an engine's status goes through here, so an impossible state cannot be shown.
 */
import type { ErrorEnvelope } from '../contract/errors.ts'
import type { EnginePhase, EngineStatus } from '../contract/models.ts'

export interface MachineState {
  readonly status: EngineStatus
  /** When the present status began; a new phase or a new cause does not change it. */
  readonly since: number
  /** Only while starting or stopping. */
  readonly phase?: EnginePhase
  /** Why it is absent, failed, degraded or unreachable; on `stopped`, why the last start was given up. */
  readonly error?: ErrorEnvelope
}

export type MachineEvent =
  /** A look at it found that it cannot be had here. */
  | { readonly type: 'found-absent'; readonly error?: ErrorEnvelope }
  /** A look at it found that it could be started. */
  | { readonly type: 'found-stopped' }
  | { readonly type: 'start' }
  /** A step of starting or stopping began, or its program printed a line. */
  | { readonly type: 'phase'; readonly phase: Omit<EnginePhase, 'since'> }
  /** It answered as an engine: first connection, reconnection, or recovery from slow answers. */
  | { readonly type: 'answered' }
  /** It is connected but answers too late. */
  | { readonly type: 'slow'; readonly error: ErrorEnvelope }
  /** It cannot be reached now; it may come back by itself. */
  | { readonly type: 'lost'; readonly error: ErrorEnvelope }
  | { readonly type: 'stop' }
  | { readonly type: 'stopped'; readonly error?: ErrorEnvelope }
  /** It will not come back without somebody's help. */
  | { readonly type: 'failed'; readonly error: ErrorEnvelope }

/** Statuses that may follow each status (itself included where its phase or cause may change). */
export const LEGAL: { readonly [S in EngineStatus]: readonly EngineStatus[] } = {
  absent: ['absent', 'stopped', 'starting'],
  stopped: ['absent', 'stopped', 'starting'],
  starting: ['starting', 'ready', 'unreachable', 'stopping', 'stopped', 'failed'],
  ready: ['degraded', 'unreachable', 'stopping', 'failed'],
  degraded: ['degraded', 'ready', 'unreachable', 'stopping', 'failed'],
  unreachable: ['unreachable', 'ready', 'starting', 'stopping', 'stopped', 'absent', 'failed'],
  stopping: ['stopping', 'stopped', 'failed'],
  // A closed socket may be opened by an administrator while nobody looks: it may answer again without a start.
  failed: ['failed', 'absent', 'stopped', 'starting', 'ready', 'unreachable', 'stopping'],
}

const TARGET: { readonly [T in MachineEvent['type']]: EngineStatus | null } = {
  'found-absent': 'absent',
  'found-stopped': 'stopped',
  start: 'starting',
  phase: null,
  answered: 'ready',
  slow: 'degraded',
  lost: 'unreachable',
  stop: 'stopping',
  stopped: 'stopped',
  failed: 'failed',
}

/** Statuses that only the named events may change to themselves (a second `start` while starting is refused). */
const REFRESHED_BY: { readonly [S in EngineStatus]?: MachineEvent['type'] } = {
  absent: 'found-absent',
  stopped: 'found-stopped',
  starting: 'phase',
  degraded: 'slow',
  unreachable: 'lost',
  stopping: 'phase',
  failed: 'failed',
}

export function initialState(now: number): MachineState {
  return { status: 'absent', since: now }
}

/**
 * State after `event`, or null when the event is illegal in `state` (the caller keeps its state).
 * `now`: milliseconds since 1970.
 */
export function transition(state: MachineState, event: MachineEvent, now: number): MachineState | null {
  const next = TARGET[event.type] ?? state.status
  if (!LEGAL[state.status].includes(next)) return null
  if (next === state.status && REFRESHED_BY[next] !== event.type) return null
  if (event.type === 'phase') {
    const same = state.phase?.step === event.phase.step && state.phase.index === event.phase.index
    return { status: next, since: state.since, phase: { ...event.phase, since: same ? state.phase.since : now } }
  }
  const error = 'error' in event ? event.error : undefined
  return { status: next, since: next === state.status ? state.since : now, ...(error && { error }) }
}
