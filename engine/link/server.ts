/** The answering side of the link: checks what arrives, runs the handlers within their limits, ends them with the peer. */
import { LINK_LIMITS, METHOD_RULES, STREAM_RULES } from '../contract/contract.ts'
import type { MethodName, StreamName } from '../contract/contract.ts'
import { NaruError, toEnvelope } from '../contract/errors.ts'
import { redactError } from '../redact/error.ts'
import { METHOD_ARGS, STREAM_ARGS, problemOf } from '../contract/validate.ts'
import type { CallContext, MethodHandlers, StreamHandlers } from './handlers.ts'
import { createStreamWriter } from './stream-writer.ts'
import type { StreamWriter } from './stream-writer.ts'
import { FRAME } from './transport.ts'
import type { Frame, Transport } from './transport.ts'

export interface ServeOptions {
  readonly methods: MethodHandlers
  readonly streams: StreamHandlers
  /** Told to every handler, so that what a peer opened can be closed with it. */
  readonly peerId: string
  /** Called once when the peer is gone or was closed, after every handler's signal has been aborted. */
  readonly onClosed?: () => void
}

interface Peer {
  readonly transport: Transport
  readonly options: ServeOptions
  readonly calls: Map<number, AbortController>
  readonly streams: Map<number, { readonly abort: AbortController; readonly writer: StreamWriter }>
}

type AnyMethod = (arg: unknown, context: CallContext) => Promise<unknown>
type AnyStream = (arg: unknown, context: CallContext) => AsyncIterable<unknown>

/**
 * Serves one peer until it goes or `close()` is called. A call is answered within its method's `limitMs` whatever the
 * handler does; its slot is free from then on, because a handler that ignores its signal must not lock the page out.
 */
export function serveLink(transport: Transport, options: ServeOptions): { close(): void } {
  const peer: Peer = { transport, options, calls: new Map(), streams: new Map() }
  let ended = false
  const end = (): void => {
    if (ended) return
    ended = true
    const gone = new NaruError('cancelled', 'the peer is gone')
    for (const abort of [...peer.calls.values()]) abort.abort(gone)
    for (const { abort } of [...peer.streams.values()]) abort.abort(gone)
    options.onClosed?.()
  }
  transport.onClose(end)
  transport.onMessage((frame) => {
    if (!ended) receive(peer, frame)
  })
  return {
    close() {
      transport.close()
      end()
    },
  }
}

function receive(peer: Peer, frame: Frame): void {
  const id = frame[1]
  switch (frame[0]) {
    case FRAME.call:
    case FRAME.open: {
      const [kind, , name, arg] = frame
      if (peer.calls.has(id) || peer.streams.has(id)) return peer.transport.close()
      if (kind === FRAME.call) void runCall(peer, id, name, arg)
      else void runStream(peer, id, name, arg)
      return
    }
    case FRAME.credit:
      return peer.streams.get(id)?.writer.credit(frame[2])
    case FRAME.cancel:
      return cancel(peer, id)
    default:
      // Only a server sends the other kinds: this peer does not speak the link.
      peer.transport.close()
  }
}

/** The slot is free at once: the caller counts it as free, and its next request may be right behind. */
function cancel(peer: Peer, id: number): void {
  const abort = peer.calls.get(id) ?? peer.streams.get(id)?.abort
  peer.calls.delete(id)
  peer.streams.delete(id)
  abort?.abort(new NaruError('cancelled', 'cancelled by the caller'))
}

/** Never rejects: every failure is answered. */
async function runCall(peer: Peer, id: number, name: string, arg: unknown): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const abort = new AbortController()
  try {
    const method = methodNamed(name, arg)
    refuseWhenFull(peer.calls.size, LINK_LIMITS.calls, 'calls')
    peer.calls.set(id, abort)
    const { limitMs } = METHOD_RULES[method]
    timer = setTimeout(() => {
      abort.abort(new NaruError('timeout', `${method} took longer than ${limitMs} ms`, { params: { limitMs } }))
    }, limitMs)
    const handler = peer.options.methods[method] as AnyMethod
    const result = await Promise.race([handler(arg, contextOf(peer, abort)), aborted(abort.signal)])
    sendResult(peer, id, result)
  } catch (error) {
    sendError(peer, id, abort.signal.aborted ? abort.signal.reason : error)
  } finally {
    clearTimeout(timer)
    if (peer.calls.get(id) === abort) peer.calls.delete(id)
  }
}

/** Never rejects. */
async function runStream(peer: Peer, id: number, name: string, arg: unknown): Promise<void> {
  const abort = new AbortController()
  try {
    const stream = streamNamed(name, arg)
    refuseWhenFull(peer.streams.size, LINK_LIMITS.streams, 'streams')
    const writer = createStreamWriter(STREAM_RULES[stream], abort.signal, (items) =>
      peer.transport.send([FRAME.items, id, items]),
    )
    peer.streams.set(id, { abort, writer })
    const handler = peer.options.streams[stream] as AnyStream
    await writer.run(handler(arg, contextOf(peer, abort)))
    peer.transport.send([FRAME.end, id])
  } catch (error) {
    sendError(peer, id, abort.signal.aborted ? abort.signal.reason : error)
    // A source that failed by itself may have helpers that wait for the signal.
    abort.abort(error)
  } finally {
    if (peer.streams.get(id)?.abort === abort) peer.streams.delete(id)
  }
}

function contextOf(peer: Peer, abort: AbortController): CallContext {
  return { signal: abort.signal, peerId: peer.options.peerId }
}

function methodNamed(name: string, arg: unknown): MethodName {
  if (!Object.hasOwn(METHOD_ARGS, name)) throw unknownName('method', name)
  const method = name as MethodName
  refuseBadArgument(name, problemOf(METHOD_ARGS[method], arg))
  return method
}

function streamNamed(name: string, arg: unknown): StreamName {
  if (!Object.hasOwn(STREAM_ARGS, name)) throw unknownName('stream', name)
  const stream = name as StreamName
  refuseBadArgument(name, problemOf(STREAM_ARGS[stream], arg))
  return stream
}

function unknownName(kind: string, name: string): NaruError {
  return new NaruError('invalid-request', `no ${kind} is called ${JSON.stringify(name)}`)
}

function refuseBadArgument(name: string, problem: string | null): void {
  if (problem !== null) throw new NaruError('invalid-request', `${name}: ${problem}`)
}

function refuseWhenFull(inFlight: number, limit: number, what: string): void {
  if (inFlight >= limit) throw new NaruError('invalid-request', `more than ${limit} ${what} at once`, { retryable: true })
}

function sendResult(peer: Peer, id: number, result: unknown): void {
  try {
    peer.transport.send([FRAME.ok, id, result])
  } catch (error) {
    throw unsendable(error)
  }
}

/** What the engine room made cannot travel: its own fault, not the caller's. */
function unsendable(error: unknown): NaruError {
  const message = error instanceof Error ? error.message : String(error)
  return new NaruError('internal', `the answer cannot be sent: ${message}`, { cause: error })
}

function sendError(peer: Peer, id: number, error: unknown): void {
  try {
    peer.transport.send([FRAME.error, id, redactError(toEnvelope(error))])
  } catch {
    // An error whose own fields cannot travel: the code and the message always can.
    const { code, message, retryable } = redactError(toEnvelope(error))
    peer.transport.send([FRAME.error, id, { code, message: message.slice(0, 10_000), retryable }])
  }
}

/** Rejects with the signal's reason; never resolves. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}
