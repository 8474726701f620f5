/**
 * Keeps one engine connected: obtains it, connects, watches, and begins again when it is lost. Ends only by abort, or
 * when a managed engine cannot be had without a person.
 */
import { NaruError, toEnvelope } from '../contract/errors.ts'
import type { ErrorEnvelope } from '../contract/errors.ts'
import type { EnginePhase } from '../contract/models.ts'
import type { EngineClient } from '../docker/engine-client.ts'
import { isHopeless } from './connection.ts'
import type { ConnectEngine } from './connection.ts'
import { watchConnection } from './heartbeat.ts'
import type { Loss } from './heartbeat.ts'
import type { MachineEvent } from './machine.ts'
import type { EndReason, EngineHandle, EngineProvider } from './provider.ts'
import { retryDelay, within } from './retry.ts'
import type { Budget, Waker } from './retry.ts'
import { unixPath } from './socket/discover.ts'
import { watchPath } from './socket/watch-path.ts'
import type { Timings } from './timings.ts'

/** What the loop works on; the engine unit (unit.ts) is it. */
export interface SuperviseHost {
  readonly provider: EngineProvider
  readonly connect: ConnectEngine
  readonly timings: Timings
  readonly now: () => number
  readonly random: () => number
  readonly log: (line: string) => void
  readonly waker: Waker
  readonly restarts: Budget
  /** The engine answered at least once since Naru began. */
  readonly everReady: () => boolean
  readonly pingEveryMs: () => number
  readonly dispatch: (event: MachineEvent) => void
  /** Keeps the handle, which outlives the loop, and releases the one before. */
  readonly setHandle: (handle: EngineHandle | null) => void
  /** Connected: also dispatches `answered`. */
  readonly connected: (client: EngineClient, handle: EngineHandle) => void
  readonly disconnected: (error: ErrorEnvelope) => void
}

interface Obtained {
  readonly handle: EngineHandle
  ended: EndReason | null
  /** When it stopped answering; null while it answers. */
  silentSince: number | null
}

/** Program lines become the phase's last line. */
function startContext(host: SuperviseHost, signal: AbortSignal): Parameters<EngineProvider['start']>[0] {
  let current: Omit<EnginePhase, 'since'> | null = null
  return {
    signal,
    now: host.now,
    report: (phase) => {
      current = phase
      host.dispatch({ type: 'phase', phase })
    },
    log: (line) => {
      host.log(line)
      if (!current) return
      current = { ...current, lastLine: line }
      host.dispatch({ type: 'phase', phase: current })
    },
  }
}

/** Null when it failed for good (the reason is dispatched) or the signal aborted. */
async function obtain(host: SuperviseHost, signal: AbortSignal): Promise<Obtained | null> {
  const { provider } = host
  for (;;) {
    try {
      const handle = await provider.start(startContext(host, signal))
      host.setHandle(handle)
      const obtained: Obtained = { handle, ended: null, silentSince: null }
      void handle.ended.then((reason) => {
        obtained.ended = reason
        host.waker.wake()
      })
      return signal.aborted ? null : obtained
    } catch (error) {
      if (signal.aborted) return null
      const again = provider.managed && host.everReady() && host.restarts.take(host.now())
      host.log(`start failed${again ? ', trying again' : ''}: ${toEnvelope(error).message}`)
      if (!again) {
        host.dispatch({ type: 'failed', error: toEnvelope(error) })
        return null
      }
    }
  }
}

/** A client, or why there is none. Null on abort. */
async function introduce(
  host: SuperviseHost,
  handle: EngineHandle,
  signal: AbortSignal,
): Promise<EngineClient | ErrorEnvelope | null> {
  const { provider, timings } = host
  const late = (): NaruError => new NaruError('timeout', `no answer in ${timings.connectMs} ms`, { engineId: provider.id })
  try {
    const client = await within(timings.connectMs, signal, late, (both) =>
      host.connect(handle.dial, { signal: both, engineId: provider.id }),
    )
    if (!signal.aborted) return client
    client.close()
    return null
  } catch (error) {
    return signal.aborted ? null : toEnvelope(error)
  }
}

/** Waits before the next attempt, less when the socket's folder or a person says "now". True when woken. */
async function waitForChange(host: SuperviseHost, handle: EngineHandle | null, ms: number, signal: AbortSignal): Promise<boolean> {
  const path = unixPath(handle?.dockerHost ?? host.provider.dockerHost ?? '')
  const unwatch = path === null ? null : watchPath(path, () => host.waker.wake())
  try {
    return await host.waker.pause(ms, signal)
  } finally {
    unwatch?.()
  }
}

/** True when the daemon itself must be started again, not only dialled. */
function needsRestart(host: SuperviseHost, engine: Obtained): boolean {
  if (!host.provider.managed) return false
  const silent = engine.silentSince === null ? 0 : host.now() - engine.silentSince
  return engine.ended !== null || silent >= host.timings.stuckMs
}

/** False when the restart budget is spent; the handle is kept then, so that the engine can still be stopped. */
function prepareRestart(host: SuperviseHost, error: ErrorEnvelope): boolean {
  if (host.restarts.take(host.now())) {
    host.setHandle(null)
    host.log(`starting again: ${error.message}`)
    host.dispatch({ type: 'start' })
    return true
  }
  host.dispatch({ type: 'failed', error })
  return false
}

function watch(host: SuperviseHost, engine: Obtained, client: EngineClient, signal: AbortSignal): Promise<Loss | null> {
  return watchConnection({
    handle: engine.handle,
    client,
    signal,
    pingTimeoutMs: host.timings.pingTimeoutMs,
    untilNextPing: (until) => host.waker.pause(host.pingEveryMs(), until),
    onSlow: (error) => host.dispatch({ type: 'slow', error }),
    onRecovered: () => host.dispatch({ type: 'answered' }),
  })
}

/** One round: connect and watch until lost. Null on abort. */
async function holdConnection(
  host: SuperviseHost,
  engine: Obtained,
  signal: AbortSignal,
): Promise<{ readonly error: ErrorEnvelope; readonly heldMs: number } | null> {
  const client = await introduce(host, engine.handle, signal)
  if (client === null) return null
  if ('code' in client) return { error: client, heldMs: 0 }
  const since = host.now()
  engine.silentSince = null
  host.connected(client, engine.handle)
  const loss = await watch(host, engine, client, signal)
  if (loss?.ended) engine.ended = loss.ended
  host.disconnected(loss?.error ?? { code: 'cancelled', message: 'the connection was given up', retryable: false })
  client.close()
  return loss && { error: loss.error, heldMs: Math.max(1, host.now() - since) }
}

/** Runs until the signal aborts or the engine failed for good. The caller has dispatched `start`. Never rejects. */
export async function supervise(host: SuperviseHost, signal: AbortSignal): Promise<void> {
  const { provider, timings } = host
  let attempt = 0
  let engine: Obtained | null = null
  while (!signal.aborted) {
    engine ??= await obtain(host, signal)
    if (engine === null) return
    const lost = await holdConnection(host, engine, signal)
    if (lost === null) return
    engine.silentSince ??= host.now()
    if (lost.heldMs >= timings.stableMs) attempt = 0
    const hopeless = isHopeless(lost.error)
    host.dispatch({ type: hopeless ? 'failed' : 'lost', error: lost.error })
    if (hopeless && provider.managed) return
    if (needsRestart(host, engine)) {
      if (!prepareRestart(host, lost.error)) return
      engine = null
      continue
    }
    const { handle } = engine
    if (!provider.managed) {
      // Somebody else's daemon: a fresh handle watches whatever file is at the path next time.
      host.setHandle(null)
      engine = null
    }
    const backoff = retryDelay(attempt++, timings.retryBaseMs, timings.retryCapMs, host.random)
    const woken = await waitForChange(host, handle, hopeless ? timings.hopelessMs : backoff, signal)
    if (woken) attempt = 0
  }
}
