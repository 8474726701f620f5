/**
 * Keeps one engine connected: obtains it, connects, watches, and begins again when it is lost. Ends only by abort, or
 * when a managed engine cannot be had without a person.
 */
import { NaruError, toEnvelope } from '../contract/errors.ts'
import type { ErrorEnvelope } from '../contract/errors.ts'
import type { EnginePhase } from '../contract/models.ts'
import type { EngineClient } from '../docker/engine-client.ts'
import { createBackoff } from '../system/backoff.ts'
import { isHopeless } from './connection.ts'
import type { ConnectEngine } from './connection.ts'
import { watchConnection } from './heartbeat.ts'
import type { Loss } from './heartbeat.ts'
import type { MachineEvent } from './machine.ts'
import type { EndReason, EngineHandle, EngineProvider } from './provider.ts'
import { within } from './retry.ts'
import type { Restarts, Waker } from './retry.ts'
import { ReturnWatch } from './return-watch.ts'
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
  readonly restarts: Restarts
  /** The engine answered at least once since Naru began. */
  readonly everReady: () => boolean
  /** The person agreed that this one start may repair a damaged disk. */
  readonly takeRepair: () => boolean
  readonly pingEveryMs: () => number
  /** False when the event cannot happen in the present state. */
  readonly dispatch: (event: MachineEvent) => boolean
  /** Keeps the handle, which outlives the loop, and releases the one before. */
  readonly setHandle: (handle: EngineHandle | null) => void
  /** Connected: also dispatches `answered`. */
  readonly connected: (client: EngineClient, handle: EngineHandle) => void
  readonly disconnected: (error: ErrorEnvelope) => void
}

/** Hints and codes of a start that fails the same way every time. */
const NEEDS_A_PERSON = /^(?:provider\.(?:absent|image-corrupt)|unsupported|no-space|vm-disk-.+|vm-image-.+|vm-qemu-.+)$/

/** Shortest wait between two attempts: a lucky throw of the dice must not make a busy loop. */
const LEAST_WAIT_MS = 25

interface Obtained {
  readonly handle: EngineHandle
  ended: EndReason | null
  /** Its client answers: what it is in trouble with is shown beside what it tells. */
  connected: boolean
}

const troubleOf = ({ handle }: Obtained): ErrorEnvelope | null => handle.trouble?.now() ?? null

/** Shows what holds the engine up from the moment it begins to its end. */
function tellTrouble(host: SuperviseHost, engine: Obtained): void {
  const stop = engine.handle.trouble?.onChange(() => {
    const error = troubleOf(engine)
    if (error) {
      if (!engine.connected || !host.dispatch({ type: 'slow', error })) host.dispatch({ type: 'lost', error })
    } else if (engine.connected) host.dispatch({ type: 'answered' })
    else host.waker.wake()
  })
  if (stop) void engine.handle.ended.then(stop)
}

/** Program lines become the phase's last line. */
function startContext(host: SuperviseHost, signal: AbortSignal): Parameters<EngineProvider['start']>[0] {
  let current: Omit<EnginePhase, 'since'> | null = null
  return {
    signal,
    now: host.now,
    repair: host.takeRepair(),
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

/** The engine, or why it failed for good. Null on abort. */
async function obtain(host: SuperviseHost, signal: AbortSignal): Promise<Obtained | ErrorEnvelope | null> {
  const { provider } = host
  for (;;) {
    try {
      const handle = await provider.start(startContext(host, signal))
      host.setHandle(handle)
      const obtained: Obtained = { handle, ended: null, connected: false }
      tellTrouble(host, obtained)
      void handle.ended.then((reason) => {
        obtained.ended = reason
        host.waker.wake()
      })
      return signal.aborted ? null : obtained
    } catch (error) {
      if (signal.aborted) return null
      const failure = toEnvelope(error)
      // One that never came up, or that only a person can help, is not tried again by itself.
      const wait = provider.managed && host.everReady() && !NEEDS_A_PERSON.test(failure.hint ?? failure.code) ? host.restarts.take() : null
      host.log(`start failed${wait === null ? '' : `, again in ${wait} ms`}: ${failure.message}`)
      if (wait === null) return failure
      await host.waker.pause(wait, signal)
      if (signal.aborted) return null
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

/**
 * Waits as long as the plan says, or until somebody wants it now; false when no restart is left. Only for an engine whose
 * handle ended: one that lives but is silent (a machine that swaps, a daemon that hangs) is never started a second time
 * over its own data; it is unreachable until it answers.
 */
async function prepareRestart(host: SuperviseHost, error: ErrorEnvelope, signal: AbortSignal): Promise<boolean> {
  const wait = host.restarts.take()
  if (wait === null) return false
  host.setHandle(null)
  host.log(`starting again in ${wait} ms: ${error.message}`)
  if (wait > 0) await host.waker.pause(wait, signal)
  if (!signal.aborted) host.dispatch({ type: 'start' })
  return true
}

function watch(host: SuperviseHost, engine: Obtained, client: EngineClient, signal: AbortSignal): Promise<Loss | null> {
  return watchConnection({
    handle: engine.handle,
    client,
    signal,
    pingTimeoutMs: host.timings.pingTimeoutMs,
    untilNextPing: (until) => host.waker.pause(host.pingEveryMs(), until),
    onSlow: (error) => void host.dispatch({ type: 'slow', error: troubleOf(engine) ?? error }),
    onRecovered: () => void (troubleOf(engine) ?? host.dispatch({ type: 'answered' })),
  })
}

/** One round: connect and watch until lost. Null on abort. */
async function holdConnection(
  host: SuperviseHost,
  engine: Obtained,
  returning: ReturnWatch,
  signal: AbortSignal,
): Promise<{ readonly error: ErrorEnvelope; readonly heldMs: number } | null> {
  const client = await introduce(host, engine.handle, signal)
  if (client === null) return null
  if ('code' in client) return { error: troubleOf(engine) ?? client, heldMs: 0 }
  const since = performance.now()
  returning.end()
  host.connected(client, engine.handle)
  engine.connected = true
  const loss = await watch(host, engine, client, signal)
  engine.connected = false
  if (loss?.ended) engine.ended = loss.ended
  host.disconnected(loss?.error ?? { code: 'cancelled', message: 'the connection was given up', retryable: false })
  client.close()
  return loss && { error: (loss.ended ? null : troubleOf(engine)) ?? loss.error, heldMs: Math.max(1, performance.now() - since) }
}

/**
 * Runs until the signal aborts (null) or the engine failed for good: the caller announces that failure when the loop is
 * over, so that whoever hears of it can begin again at once. The caller has dispatched `start`.
 */
export async function supervise(host: SuperviseHost, signal: AbortSignal): Promise<ErrorEnvelope | null> {
  const returning = new ReturnWatch(() => host.waker.wake())
  try {
    return await superviseWatching(host, returning, signal)
  } finally {
    returning.end()
  }
}

async function superviseWatching(
  host: SuperviseHost,
  returning: ReturnWatch,
  signal: AbortSignal,
): Promise<ErrorEnvelope | null> {
  const { provider, timings } = host
  const backoff = createBackoff({ baseMs: timings.retryBaseMs, capMs: timings.retryCapMs, random: host.random })
  let engine: Obtained | null = null
  while (!signal.aborted) {
    returning.forget()
    if (engine === null) {
      const obtained = await obtain(host, signal)
      if (obtained === null || 'code' in obtained) return obtained
      engine = obtained
    }
    const lost = await holdConnection(host, engine, returning, signal)
    if (lost === null) return null
    if (lost.heldMs >= timings.stableMs) backoff.reset()
    returning.begin(engine.handle.dockerHost ?? provider.dockerHost ?? '')
    const hopeless = isHopeless(lost.error)
    if (hopeless && provider.managed) return lost.error
    host.dispatch({ type: hopeless ? 'failed' : 'lost', error: lost.error })
    if (provider.managed && engine.ended !== null) {
      host.restarts.held(lost.heldMs)
      if (!(await prepareRestart(host, lost.error, signal))) return lost.error
      engine = null
      continue
    }
    if (!provider.managed) {
      // Somebody else's daemon: a fresh handle watches whatever file is at the path next time.
      host.setHandle(null)
      engine = null
    }
    const longest = hopeless ? timings.hopelessMs : backoff.next()
    const wait = returning.changed ? LEAST_WAIT_MS : Math.max(LEAST_WAIT_MS, longest)
    const woken = await host.waker.pause(wait, signal)
    if (woken || returning.changed) backoff.reset()
  }
  return null
}
