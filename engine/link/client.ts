/** The asking side of the link: typed calls and streams over any transport. Pure: it runs in the page. */
import { LINK_LIMITS, METHOD_RULES } from '../contract/contract.ts'
import type { MethodName, Methods, StreamName, Streams } from '../contract/contract.ts'
import { NaruError, fromEnvelope } from '../contract/errors.ts'
import { createStreamReader } from './stream-reader.ts'
import type { StreamReader } from './stream-reader.ts'
import { FRAME } from './transport.ts'
import type { Frame, Transport } from './transport.ts'

export interface LinkOptions {
  readonly signal?: AbortSignal | undefined
}

export interface Link {
  /**
   * One request, one reply. Rejects with the engine room's NaruError, with `cancelled` when `signal` aborts, with
   * `timeout` when the method's limit has passed, and with a retryable `internal` error, hint `link-closed`, when the
   * other side goes.
   */
  call<M extends MethodName>(name: M, arg: Methods[M]['arg'], options?: LinkOptions): Promise<Methods[M]['result']>
  /**
   * Items pulled from the engine room. Each iteration opens the stream anew; leaving the loop cancels it there. Throws
   * like `call`; an aborted `signal` throws `cancelled`, so that a stream cut short never looks complete.
   */
  stream<S extends StreamName>(name: S, arg: Streams[S]['arg'], options?: LinkOptions): AsyncIterable<Streams[S]['item']>
  /** Resolves when the link is closed by either side. */
  readonly closed: Promise<void>
  close(): void
}

/** `hint` of the error that pending calls and streams end with when the other side goes. */
export const LINK_CLOSED_HINT = 'link-closed'

/** How long after the engine room's own limit a call is given up: then the engine room itself does not answer. */
const GRACE_MS = 5_000

interface Pending {
  resolve(result: unknown): void
  reject(error: unknown): void
}

interface State {
  readonly transport: Transport
  readonly calls: Map<number, Pending>
  readonly streams: Map<number, StreamReader>
  lastId: number
  /** Why nothing can be asked any more. */
  gone: NaruError | null
}

/** The client's end of `transport`. */
export function connectLink(transport: Transport): Link {
  const state: State = { transport, calls: new Map(), streams: new Map(), lastId: 0, gone: null }
  const end = (error: NaruError, how: 'end' | 'fail'): void => {
    if (state.gone) return
    state.gone = error
    for (const pending of [...state.calls.values()]) pending.reject(error)
    for (const reader of [...state.streams.values()]) reader[how](error)
    state.calls.clear()
    state.streams.clear()
  }
  const closed = new Promise<void>((resolve) => {
    transport.onClose((reason) => {
      end(
        new NaruError('internal', 'the connection to the engine room is closed', {
          hint: LINK_CLOSED_HINT,
          retryable: true,
          ...(reason && { detail: reason.message, cause: reason }),
        }),
        'end',
      )
      resolve()
    })
  })
  transport.onMessage((frame) => receive(state, frame))
  return {
    call: (name, arg, options) => call(state, name, arg, options?.signal),
    stream: (name, arg, options) => ({
      [Symbol.asyncIterator]: () => openStream(state, name, arg, options?.signal),
    }),
    closed,
    close() {
      end(new NaruError('cancelled', 'the link was closed'), 'fail')
      transport.close()
    },
  }
}

function receive(state: State, frame: Frame): void {
  const id = frame[1]
  switch (frame[0]) {
    case FRAME.ok:
      return state.calls.get(id)?.resolve(frame[2])
    case FRAME.error: {
      const error = fromEnvelope(frame[2])
      state.calls.get(id)?.reject(error)
      return endStream(state, id, (reader) => reader.end(error))
    }
    case FRAME.items:
      return state.streams.get(id)?.push(frame[2])
    case FRAME.end:
      return endStream(state, id, (reader) => reader.end())
    default:
      // Only a client sends the other kinds: whatever is at the other end, it is not our engine room.
      state.transport.close()
  }
}

function endStream(state: State, id: number, how: (reader: StreamReader) => void): void {
  const reader = state.streams.get(id)
  state.streams.delete(id)
  if (reader) how(reader)
}

function call<M extends MethodName>(
  state: State,
  name: M,
  arg: Methods[M]['arg'],
  signal: AbortSignal | undefined,
): Promise<Methods[M]['result']> {
  return new Promise((resolve, reject) => {
    const refusal = refusalOf(state, signal) ?? fullOf(state.calls.size, LINK_LIMITS.calls, 'calls')
    if (refusal) return reject(refusal)
    const id = ++state.lastId
    const finish = (): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', abort)
      state.calls.delete(id)
    }
    const giveUp = (error: NaruError): void => {
      finish()
      reject(error)
      state.transport.send([FRAME.cancel, id])
    }
    const abort = (): void => giveUp(cancelled(name))
    const timer = setTimeout(
      () => giveUp(new NaruError('timeout', `${name}: no answer`)),
      (METHOD_RULES[name]?.limitMs ?? 0) + GRACE_MS,
    )
    signal?.addEventListener('abort', abort, { once: true })
    state.calls.set(id, {
      resolve(result) {
        finish()
        resolve(result as Methods[M]['result'])
      },
      reject(error) {
        finish()
        reject(error)
      },
    })
    try {
      state.transport.send([FRAME.call, id, name, arg])
    } catch (error) {
      finish()
      reject(error)
    }
  })
}

function openStream<S extends StreamName>(
  state: State,
  name: S,
  arg: Streams[S]['arg'],
  signal: AbortSignal | undefined,
): AsyncIterator<Streams[S]['item']> {
  const refusal = refusalOf(state, signal) ?? fullOf(state.streams.size, LINK_LIMITS.streams, 'streams')
  if (refusal) return { next: () => Promise.reject(refusal) }
  const id = ++state.lastId
  const reader = createStreamReader<Streams[S]['item']>(name, signal, {
    credit: (amount) => state.transport.send([FRAME.credit, id, amount]),
    cancel() {
      state.streams.delete(id)
      state.transport.send([FRAME.cancel, id])
    },
  })
  state.streams.set(id, reader)
  try {
    state.transport.send([FRAME.open, id, name, arg])
  } catch (error) {
    endStream(state, id, () => reader.fail(error))
  }
  return reader.iterator
}

function refusalOf(state: State, signal: AbortSignal | undefined): NaruError | null {
  if (state.gone) return state.gone
  return signal?.aborted ? cancelled('the request') : null
}

function fullOf(inFlight: number, limit: number, what: string): NaruError | null {
  return inFlight < limit ? null : new NaruError('invalid-request', `more than ${limit} ${what} at once`, { retryable: true })
}

function cancelled(name: string): NaruError {
  return new NaruError('cancelled', `${name} was cancelled`)
}
