/**
 * The link over a WebSocket, the browser's or the `ws` package's: one binary message per frame. Pure.
 * A server should set its own message limit (`maxPayload`) to `LINK_LIMITS.frameBytes`, to refuse before buffering.
 */
import { LINK_LIMITS } from '../contract/contract.ts'
import { NaruError } from '../contract/errors.ts'
import { decodeFrame, encodeFrame } from './codec.ts'
import { createClosing } from './transport.ts'
import type { Frame, Transport } from './transport.ts'

/** What both kinds of socket have in common. */
export interface SocketLike {
  binaryType: string
  readonly readyState: number
  /** Bytes handed to `send` that did not leave yet. */
  readonly bufferedAmount?: number
  send(message: Uint8Array<ArrayBuffer>): void
  close(code?: number, reason?: string): void
  addEventListener(type: 'open' | 'close' | 'error', listener: () => void): void
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void
}

/** `readyState` values of the WebSocket standard. */
const CONNECTING = 0
const OPEN = 1
/** Close codes of RFC 6455: normal, and "a message that makes no sense". */
const NORMAL = 1000
/** RFC 6455: this side's limits were broken. */
const POLICY = 1008
const BAD_MESSAGE = 1007

/** Frames kept while the socket opens, or until somebody receives; more close the transport. */
const WAITING_FRAMES = 2 * (LINK_LIMITS.calls + LINK_LIMITS.streams)

/** Bytes that may wait to leave; beyond it the other side asks without reading, and is closed. */
const UNSENT_BYTES = 4 * LINK_LIMITS.frameBytes

/** A transport over `socket`, which may still be connecting. The socket is closed with the transport. */
export function websocketTransport(socket: SocketLike): Transport {
  const closing = createClosing()
  const outgoing: Uint8Array<ArrayBuffer>[] = []
  const incoming: Frame[] = []
  let receiver: ((frame: Frame) => void) | null = null

  const shut = (code: number, reason?: NaruError): void => {
    if (!closing.fire(reason)) return
    outgoing.length = 0
    incoming.length = 0
    socket.close(code)
  }
  const bad = (message: string, cause?: unknown): void =>
    shut(BAD_MESSAGE, new NaruError('invalid-request', message, { cause }))

  socket.binaryType = 'arraybuffer'
  socket.addEventListener('open', () => {
    for (const message of outgoing.splice(0)) socket.send(message)
  })
  socket.addEventListener('close', () => closing.fire())
  // `close` always follows; without a listener the `ws` package would throw.
  socket.addEventListener('error', () => undefined)
  socket.addEventListener('message', ({ data }) => {
    if (closing.closed) return
    const frame = read(data)
    if (frame instanceof NaruError) bad(frame.message, frame)
    else if (receiver) receiver(frame)
    else if (incoming.push(frame) > WAITING_FRAMES) bad('too many frames before anybody listened')
  })

  return {
    send(frame) {
      if (closing.closed) return
      const message = encodeFrame(frame)
      if (socket.readyState === OPEN) {
        if ((socket.bufferedAmount ?? 0) > UNSENT_BYTES) return shut(POLICY, new NaruError('timeout', 'the other side does not read'))
        socket.send(message)
      }
      else if (socket.readyState === CONNECTING && outgoing.push(message) > WAITING_FRAMES) {
        bad('too many frames before the socket was open')
      }
    },
    onMessage(receive) {
      if (receiver) throw new NaruError('internal', 'a transport has one receiver')
      receiver = receive
      for (const frame of incoming.splice(0)) if (!closing.closed) receive(frame)
    },
    onClose: closing.onClose,
    close: () => shut(NORMAL),
  }
}

function read(data: unknown): Frame | NaruError {
  if (!(data instanceof ArrayBuffer)) return new NaruError('invalid-request', 'not a binary message')
  try {
    return decodeFrame(new Uint8Array(data))
  } catch (error) {
    return error instanceof NaruError
      ? error
      : new NaruError('invalid-request', 'the frame cannot be read', { cause: error })
  }
}
