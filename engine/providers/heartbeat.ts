/** Notices that a connected engine went away: at once by a kept idle connection, else by pings. */
import type { Duplex } from 'node:stream'
import { NaruError, isCancelled, toEnvelope } from '../contract/errors.ts'
import type { ErrorEnvelope } from '../contract/errors.ts'
import type { EngineClient } from '../docker/engine-client.ts'
import type { EndReason, EngineHandle } from './provider.ts'

export interface HeartbeatOptions {
  readonly handle: Pick<EngineHandle, 'dial' | 'ended' | 'nap'>
  readonly client: Pick<EngineClient, 'ping'>
  readonly signal: AbortSignal
  /** Waits until the next ping is due, or shorter when somebody wants to know now. */
  readonly untilNextPing: (signal: AbortSignal) => Promise<unknown>
  readonly pingTimeoutMs: number
  /** One ping was missed. */
  readonly onSlow: (error: ErrorEnvelope) => void
  readonly onRecovered: () => void
}

/** How a connection ended. `ended`: the handle says the engine itself is gone. */
export interface Loss {
  readonly error: ErrorEnvelope
  readonly ended: EndReason | null
}

/** Idle connections that last less than this were closed on purpose by an engine that keeps none. */
const SHORT_LIVED_MS = 1_000
const SHORT_LIVED_LIMIT = 3

/** Resolves when the other side closes, or on abort. */
function untilClosed(stream: Duplex, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      signal.removeEventListener('abort', done)
      stream.destroy()
      resolve()
    }
    stream.on('error', done)
    stream.once('end', done)
    stream.once('close', done)
    // Without a reader the end would never be noticed.
    stream.resume()
    if (signal.aborted) done()
    else signal.addEventListener('abort', done, { once: true })
  })
}

/**
 * Holds one connection that asks nothing. When it closes, dials again: an engine that only tidies up idle connections
 * lets in, a dead one does not. Resolves with the failure of that dial, or null on abort.
 */
async function keepIdleConnection(dial: EngineHandle['dial'], signal: AbortSignal): Promise<ErrorEnvelope | null> {
  let shortLived = 0
  while (!signal.aborted && shortLived < SHORT_LIVED_LIMIT) {
    try {
      const stream = await dial(signal)
      const opened = performance.now()
      await untilClosed(stream, signal)
      shortLived = performance.now() - opened < SHORT_LIVED_MS ? shortLived + 1 : 0
    } catch (error) {
      return signal.aborted ? null : toEnvelope(error)
    }
  }
  // Keeps no idle connection: pings alone must do.
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
  return null
}

async function pingRegularly(options: HeartbeatOptions, signal: AbortSignal): Promise<ErrorEnvelope | null> {
  let missed = 0
  while (!signal.aborted) {
    await options.untilNextPing(signal)
    if (signal.aborted) break
    // It would have to be woken for an answer; its end is noticed without one.
    if (options.handle.nap?.resting()) continue
    try {
      await options.client.ping({ signal, timeoutMs: options.pingTimeoutMs, background: true })
      if (missed > 0) options.onRecovered()
      missed = 0
    } catch (error) {
      if (signal.aborted || isCancelled(error)) continue
      missed++
      const envelope = toEnvelope(error)
      if (envelope.code !== 'timeout' || missed > 1) return envelope
      options.onSlow(envelope)
    }
  }
  return null
}

/** The error of an engine whose handle ended without one. */
function endError(reason: EndReason): ErrorEnvelope {
  if (reason.error) return reason.error
  const exited = reason.kind === 'exited'
  return toEnvelope(new NaruError(exited ? 'provider.exited' : 'engine.unreachable', 'the engine is gone'))
}

/** Watches until the engine cannot be reached any more; null when the signal aborted first. Never rejects. */
export async function watchConnection(options: HeartbeatOptions): Promise<Loss | null> {
  const over = new AbortController()
  const signal = AbortSignal.any([options.signal, over.signal])
  const unended = (error: ErrorEnvelope | null): Loss | null => error && { error, ended: null }
  const ended = options.handle.ended.then((reason): Loss => ({ error: endError(reason), ended: reason }))
  try {
    return await Promise.race([
      ended,
      keepIdleConnection(options.handle.dial, signal).then(unended),
      pingRegularly(options, signal).then(unended),
    ])
  } finally {
    over.abort()
  }
}
