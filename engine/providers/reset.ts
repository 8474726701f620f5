/** Factory reset of an engine that Naru brings: everything in it goes, nothing beside it. */
import { NaruError } from '../contract/errors.ts'
import type { EnginePhase } from '../contract/models.ts'
import type { EngineData } from './provider.ts'
import { stopRunningContainers } from './shutdown.ts'
import type { EngineUnit } from './unit.ts'

export interface ResetOptions {
  readonly signal: AbortSignal
  readonly report?: (step: 'stopping' | 'deleting' | 'starting') => void
  /** The data is gone, the engine not yet started. */
  readonly onWiped?: () => Promise<void>
  readonly onPhase?: (phase: EnginePhase) => void
}

/** @throws NaruError `unsupported` for an engine whose data is not Naru's */
export function dataOf({ provider }: Pick<EngineUnit, 'provider'>): EngineData {
  if (provider.data) return provider.data
  throw new NaruError('unsupported', 'only an engine that comes with Naru can be reset', { engineId: provider.id, hint: 'engine-not-ours' })
}

/** Stops it with all its containers, deletes its data, starts it empty. Abort works until the deleting begins. */
export async function resetEngine(unit: EngineUnit, { signal, report = () => undefined, onWiped, onPhase = () => undefined }: ResetOptions): Promise<void> {
  const data = dataOf(unit)
  report('stopping')
  // What is deleted next need not end in order.
  if (unit.connection) await stopRunningContainers(unit.connection.client, { graceSeconds: 0, signal })
  await unit.stop({ containers: 'keep', graceSeconds: 0, signal })
  signal.throwIfAborted()
  report('deleting')
  await data.wipe()
  await onWiped?.()
  report('starting')
  await unit.start(signal, onPhase)
}
