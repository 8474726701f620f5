import type { RestartPlan } from './retry.ts'

/** Every waiting time of the engine manager, in milliseconds; tests pass shorter ones. */
export interface Timings {
  /** Between two pings of the current engine. */
  readonly pingMs: number
  /** Between two pings of an engine that is open but not shown. */
  readonly idlePingMs: number
  /** A ping without an answer for this long counts as missed; two missed in a row mean unreachable. */
  readonly pingTimeoutMs: number
  /** From the first byte to a client that knows version and capabilities. */
  readonly connectMs: number
  /** A socket that is being added by hand must prove to be an engine in this time. */
  readonly addMs: number
  /** A provider's look at its engine. */
  readonly detectMs: number
  /** Reconnection waits: first and longest, before jitter. */
  readonly retryBaseMs: number
  readonly retryCapMs: number
  /** Longest wait for an engine that only a person can fix (no permission, too old). */
  readonly hopelessMs: number
  /** A connection that held this long starts the waits from the beginning. */
  readonly stableMs: number
  /** How long the choice waits for engines that do not answer. */
  readonly settleMs: number
  /** Between two looks for new engines while there is none to use. */
  readonly rescanMs: number
  /** Restarts of a managed engine that ended by itself; its provider may have a plan of its own. */
  readonly restarts: RestartPlan
  /** Grace given to an engine's own processes when it is stopped. */
  readonly stopGraceMs: number
  /** How long closing waits for work under way. */
  readonly closeMs: number
}

export const DEFAULT_TIMINGS: Timings = {
  pingMs: 5_000,
  idlePingMs: 60_000,
  pingTimeoutMs: 5_000,
  connectMs: 15_000,
  addMs: 12_000,
  detectMs: 10_000,
  retryBaseMs: 250,
  retryCapMs: 5_000,
  hopelessMs: 30_000,
  stableMs: 30_000,
  settleMs: 3_000,
  rescanMs: 3_000,
  restarts: { waitsMs: [0, 1_000, 5_000], healthyMs: 60_000 },
  stopGraceMs: 20_000,
  closeMs: 5_000,
}
