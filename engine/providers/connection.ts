/** A connected engine, as the rest of the engine room uses it. */
import { NaruError, fromEnvelope } from '../contract/errors.ts'
import type { ErrorEnvelope } from '../contract/errors.ts'
import type { EngineStatus } from '../contract/models.ts'
import type { EngineClient } from '../docker/engine-client.ts'
import type { EngineHandle } from './provider.ts'

export interface EngineConnection {
  readonly engineId: string
  readonly client: EngineClient
  readonly handle: EngineHandle
  /** Aborted, with a NaruError as reason, when this connection is lost; a new one is announced separately. */
  readonly signal: AbortSignal
}

/** Makes a client of something that can be dialled (engine/docker/connect.ts). */
export type ConnectEngine = (
  dial: EngineHandle['dial'],
  options: { readonly signal: AbortSignal; readonly engineId: string },
) => Promise<EngineClient>

/** Failures that trying again soon cannot change. */
const HOPELESS: ReadonlySet<string> = new Set([
  'denied',
  'engine.not-an-engine',
  'engine.incompatible',
  'unsupported',
  'unauthorized',
  'invalid-request',
])

export const isHopeless = (error: ErrorEnvelope): boolean => HOPELESS.has(error.code)

/** Why a call to an engine that is not connected cannot be made. */
export function notConnected(engineId: string, status: EngineStatus, cause: ErrorEnvelope | undefined): NaruError {
  if (status === 'starting') return new NaruError('engine.starting', 'the engine is starting', { engineId })
  if (cause && isHopeless(cause)) return fromEnvelope({ ...cause, engineId })
  return new NaruError('engine.unreachable', `the engine is ${status}`, {
    engineId,
    params: { status, ...cause?.params },
    ...(cause?.hint && { hint: cause.hint }),
    ...(cause && { detail: cause.detail ?? cause.message }),
  })
}
