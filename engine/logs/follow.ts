/**
 * Follows one container's log for as long as a view is open: across its restarts, across restarts of the engine, from
 * where reading left off (cursor.ts). Nothing is polled: a container that is not running is waited for by its events.
 */
import { NaruError, toEnvelope } from '../contract/errors.ts'
import type { ErrorEnvelope } from '../contract/errors.ts'
import type { LogViewState } from '../contract/models.ts'
import type { RawContainerInspect } from '../docker/api-types.ts'
import type { EngineClient } from '../docker/engine-client.ts'
import { EventLatch, abortable, sleep } from './waiting.ts'

/** A connected engine; `signal` is aborted when the connection is lost. */
export interface EngineConnection {
  readonly client: EngineClient
  readonly signal: AbortSignal
}

/** Where the bytes of a request go. */
export interface FollowSink {
  /** A request is about to be made; gives the `since` it must carry, null for the first. */
  readonly begin: (tty: boolean) => Promise<string | null>
  /** A promise when the reader must pause. */
  readonly write: (bytes: Uint8Array) => Promise<void> | null
  /** The request is over: all its bytes are taken in. `flush` keeps a last line without newline. */
  readonly end: (flush: boolean) => Promise<{ readonly lines: number }>
}

export interface FollowOptions {
  readonly containerId: string
  /** Lines of history to begin with. */
  readonly tail: number
  /** Begins with what was printed at that moment instead, milliseconds since 1970. */
  readonly from?: number | undefined
  /** Throws (`engine.unreachable`, …) while the engine is not connected. */
  readonly connection: () => EngineConnection | Promise<EngineConnection>
  /** Events of this container, from the moment of the call; what they say does not matter. */
  readonly events: (signal: AbortSignal) => AsyncIterable<unknown>
  readonly sink: FollowSink
  readonly report: (status: LogViewState['status'], error?: ErrorEnvelope) => void
  readonly signal: AbortSignal
}

const RETRY_FIRST_MS = 100
const RETRY_MAX_MS = 5_000
/** Between two tries while the engine is away: whether it is back the engine room knows itself, and nobody is asked for it. */
const AWAY_MAX_MS = 1_000
/** A request that lasted this long was a good one: the next failure is retried at once. */
const GOOD_PASS_MS = 1_000
/** Without bytes for this long, the history has been read and what comes is new… */
const QUIET_MS = 150
/** …which takes longer when not even the first byte came (Podman sends no header before it). */
const QUIET_FIRST_MS = 400
/** A container that never pauses is being followed after this long. */
const LOADING_MAX_MS = 1_500

/**
 * A tail this long (the most the contract allows) asks for everything: `tail` is then left out, because Podman 4 joins
 * the parts of long lines in the wrong order when it is given one.
 */
export const TAIL_ALL = 10_000_000

/** Drivers of which it is known beforehand that nothing can be read. The others say so when asked. */
const WRITE_ONLY: ReadonlySet<string> = new Set(['none', 'passthrough'])

/** Ends when the container is gone, its log cannot be read, or the signal fires. Never throws. */
export async function followContainer(options: FollowOptions): Promise<void> {
  const retry = { delay: RETRY_FIRST_MS, loaded: false }
  options.report('loading')
  while (!options.signal.aborted) {
    try {
      await followOnEngine(options, retry)
    } catch (error) {
      if (options.signal.aborted) return
      if (isFinal(error)) {
        const gone = error instanceof NaruError && error.code === 'not-found'
        if (gone && retry.loaded) options.report('ended')
        else options.report('failed', toEnvelope(error))
        return
      }
      const loss = lossOf(error)
      options.report('reconnecting', loss)
      await sleep(loss.code === 'engine.unreachable' ? Math.min(AWAY_MAX_MS, retry.delay) : retry.delay, options.signal)
      retry.delay = Math.min(RETRY_MAX_MS, retry.delay * 2)
    }
  }
}

interface Retry {
  delay: number
  /** The history was read once. */
  loaded: boolean
}

/** One connection to the engine; always ends by throwing. */
async function followOnEngine(options: FollowOptions, retry: Retry): Promise<never> {
  const connection = await options.connection()
  const scope = new AbortController()
  const signal = AbortSignal.any([options.signal, connection.signal, scope.signal])
  // Subscribed before the first look, so that no start between look and subscription is missed.
  const events = new EventLatch(options.events(signal))
  try {
    for (;;) {
      events.clear()
      const container = await connection.client.inspectContainer(options.containerId, { signal })
      const running = container.State.Running ?? container.State.Status === 'running'
      const began = performance.now()
      await readPass(options, connection.client, container, running, retry, signal)
      retry.loaded = true
      if (!running) {
        retry.delay = RETRY_FIRST_MS
        options.report('ended')
        await events.wait()
      } else if (performance.now() - began > GOOD_PASS_MS) retry.delay = RETRY_FIRST_MS
      else {
        // Runs, but its log ended at once: it is between two lives. Its next event or a moment, whichever is first.
        await Promise.race([events.wait(), sleep(retry.delay, signal)])
        retry.delay = Math.min(RETRY_MAX_MS, retry.delay * 2)
      }
      if (signal.aborted) throw new NaruError('engine.unreachable', 'connection to the engine lost')
    }
  } finally {
    scope.abort()
    events.close()
  }
}

/** One request, read to its end. A container that does not run is read without following, its last words included. */
async function readPass(
  options: FollowOptions,
  client: EngineClient,
  container: RawContainerInspect,
  running: boolean,
  retry: Retry,
  signal: AbortSignal,
): Promise<void> {
  const driver = container.HostConfig?.LogConfig?.Type ?? ''
  if (WRITE_ONLY.has(driver)) throw unreadable(driver)
  const { sink } = options
  const since = await sink.begin(container.Config.Tty === true)
  const progress = watchLoading(running, () => {
    retry.loaded = true
    options.report('following')
  })
  try {
    const pieces = client.logs(options.containerId, {
      follow: running,
      timestamps: true,
      signal,
      ...(since !== null ? { since } : beginning(options)),
    })
    for await (const bytes of pieces) {
      progress.touch()
      const full = sink.write(bytes)
      if (full) await abortable(full, signal)
    }
  } catch (error) {
    // What was half read is forgotten here and read again by the next request.
    await sink.end(false).catch(() => undefined)
    if (error instanceof NaruError && error.code === 'unsupported') throw unreadable(driver, error)
    throw error
  } finally {
    progress.stop()
  }
  await sink.end(!running)
}

/** Podman leaves out the moment of `since` itself and cuts stamps to seconds: a second earlier loses nothing anywhere. */
function beginning({ from, tail }: FollowOptions): { readonly since?: string; readonly tail?: number } {
  if (from !== undefined) return { since: String(Math.max(0, Math.floor(from / 1000) - 1)) }
  return tail < TAIL_ALL ? { tail } : {}
}

/** Tells when the history has been read. Nothing in the stream says so: bytes just stop coming for a while. */
function watchLoading(active: boolean, onLoaded: () => void): { touch: () => void; stop: () => void } {
  const began = performance.now()
  let last = 0
  const timer = active
    ? setInterval(() => {
        const now = performance.now()
        const quiet = last === 0 ? now - began > QUIET_FIRST_MS : now - last > QUIET_MS
        if (!quiet && now - began < LOADING_MAX_MS) return
        clearInterval(timer)
        onLoaded()
      }, 50)
    : undefined
  return {
    touch: () => {
      last = performance.now()
    },
    stop: () => clearInterval(timer),
  }
}

function unreadable(driver: string, cause?: NaruError): NaruError {
  return new NaruError('unsupported', `the log driver ${driver || 'of this container'} cannot be read`, {
    hint: 'log-driver',
    params: { driver },
    ...(cause?.detail && { detail: cause.detail }),
    cause,
  })
}

function isFinal(error: unknown): boolean {
  return (
    error instanceof NaruError &&
    (error.code === 'not-found' || error.code === 'unsupported' || error.code === 'denied')
  )
}

/** An aborted request means here that its connection went. */
function lossOf(error: unknown): ErrorEnvelope {
  const envelope = toEnvelope(error)
  if (envelope.code !== 'cancelled') return envelope
  return { code: 'engine.unreachable', message: 'connection to the engine lost', retryable: true }
}
