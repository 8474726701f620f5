/** Which engine the screens show: pure decision from what is known now. */
import type { EngineStatus } from '../contract/models.ts'

export interface Choosable {
  readonly id: string
  readonly status: EngineStatus
  readonly managed: boolean
  /** What is known stands; false while the first look or a start is under way. */
  readonly settled: boolean
  readonly everReady: boolean
  readonly stoppedByPerson: boolean
}

export interface ChoiceInput {
  /** Engine id of the settings, or `auto`. */
  readonly explicit: string
  readonly currentId: string | null
  /** In detection order, managed ones last. */
  readonly engines: readonly Choosable[]
  /** The time to wait for silent engines is over. */
  readonly patienceOver: boolean
}

/** `wait`: too early to say, the current one stays. `start`: it must be started, nobody else will. */
export type Choice =
  | { readonly kind: 'wait' }
  | { readonly kind: 'use'; readonly id: string; readonly start: boolean }
  | { readonly kind: 'none' }

const answers = (engine: Choosable): boolean => engine.status === 'ready' || engine.status === 'degraded'

const use = (engine: Choosable): Choice => ({
  kind: 'use',
  id: engine.id,
  start: engine.managed && engine.status === 'stopped' && !engine.stoppedByPerson,
})

/** True when the current engine is, or will be, of use: screens do not jump to another one by themselves then. */
function holds(engine: Choosable): boolean {
  if (engine.everReady || engine.stoppedByPerson || answers(engine)) return true
  return engine.status === 'stopping' || (engine.status === 'starting' && engine.managed)
}

/**
 * Explicit choice → first engine that answers → an engine that can be started → the first that might come → none.
 * A current engine that was ever of use is kept whatever happens to it: a dead engine is shown, not replaced.
 */
export function chooseEngine({ explicit, currentId, engines, patienceOver }: ChoiceInput): Choice {
  const chosen = engines.find((engine) => engine.id === explicit)
  if (chosen) return use(chosen)
  const current = engines.find((engine) => engine.id === currentId)
  if (current && holds(current)) return { kind: 'use', id: current.id, start: false }
  for (const engine of engines) {
    if (answers(engine)) return use(engine)
    // A better one may still answer; a worse one waits for it, but not for ever.
    if (!engine.settled && !patienceOver) return { kind: 'wait' }
  }
  const startable = engines.find(
    (engine) => engine.managed && !engine.stoppedByPerson && ['stopped', 'starting'].includes(engine.status),
  )
  if (startable) return use(startable)
  // One that is being connected is the better hope.
  const hopeful =
    engines.find((engine) => engine.status === 'starting') ??
    engines.find((engine) => ['unreachable', 'failed', 'stopped'].includes(engine.status))
  return hopeful ? use(hopeful) : { kind: 'none' }
}
