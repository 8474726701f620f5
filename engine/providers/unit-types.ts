/** What an engine unit is made of, and how it shows itself. */
import type { EnginePhase, EngineSummary } from '../contract/models.ts'
import type { ConnectEngine, EngineConnection } from './connection.ts'
import type { MachineState } from './machine.ts'
import type { EngineProvider } from './provider.ts'
import type { Timings } from './timings.ts'

export interface UnitOptions {
  readonly provider: EngineProvider
  readonly connect: ConnectEngine
  readonly timings: Timings
  readonly now: () => number
  readonly random: () => number
  readonly log: (line: string) => void
  readonly onChange: () => void
  readonly onConnection: (connection: EngineConnection) => void
}

export interface StopOptions {
  readonly containers: 'keep' | 'stop'
  readonly graceSeconds: number
  readonly signal: AbortSignal
  readonly report?: (phase: EnginePhase) => void
}

/** What the last connection told; kept while the engine cannot be reached. */
export type KnownEngine = Pick<EngineSummary, 'version' | 'capabilities' | 'dockerHost'>

export function summarise(provider: EngineProvider, state: MachineState, known: KnownEngine, napping = false): EngineSummary {
  const { status, since, phase, error } = state
  const dockerHost = known.dockerHost ?? provider.dockerHost
  return {
    id: provider.id,
    kind: provider.kind,
    name: provider.name,
    origin: provider.origin,
    managed: provider.managed,
    status,
    since,
    ...(phase && { phase }),
    ...(error && { error }),
    ...known,
    ...(dockerHost && { dockerHost }),
    ...(known.version && { rootless: known.version.rootless }),
    ...(napping && { napping }),
  }
}
