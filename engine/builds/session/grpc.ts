/**
 * The little of a gRPC server that a build session needs, over HTTP/2 of Node on a connection that was dialled by us.
 * Source: https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md
 */
import { once } from 'node:events'
import { createServer } from 'node:http2'
import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2'
import type { Duplex } from 'node:stream'

export interface GrpcCall {
  readonly headers: IncomingHttpHeaders
  /** Messages of the caller, in order. */
  readonly messages: () => AsyncGenerator<Uint8Array, void, undefined>
  /** Resolves when the caller is ready for more. */
  readonly send: (message: Uint8Array) => Promise<void>
}

export type GrpcMethod = (call: GrpcCall) => Promise<void>

/** Longest message taken from the caller, bytes; requests and acknowledgements are small. */
const MAX_MESSAGE = 4 * 1024 * 1024
const CONTENT_TYPE = 'application/grpc+proto'
const UNKNOWN = '2'
const UNIMPLEMENTED = '12'

/** Serves `methods` (by full path) until the connection ends. @returns ends it */
export function serveGrpc(socket: Duplex, methods: ReadonlyMap<string, GrpcMethod>): () => void {
  const server = createServer()
  server.on('stream', (stream, headers) => {
    stream.on('error', () => undefined)
    const method = methods.get(headers[':path'] ?? '')
    // A caller that is gone before the answer begins makes even that fail; nobody is left to be told.
    if (method) answer(stream, headers, method).catch(() => stream.destroy())
    else stream.respond({ ':status': 200, 'content-type': CONTENT_TYPE, 'grpc-status': UNIMPLEMENTED }, { endStream: true })
  })
  server.on('sessionError', () => socket.destroy())
  socket.on('error', () => undefined)
  server.emit('connection', socket)
  return () => socket.destroy()
}

async function answer(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, method: GrpcMethod): Promise<void> {
  let status = '0'
  let words = ''
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': status, ...(words && { 'grpc-message': words }) }))
  stream.respond({ ':status': 200, 'content-type': CONTENT_TYPE }, { waitForTrailers: true })
  try {
    await method({ headers, messages: () => messagesOf(stream), send: (message) => send(stream, message) })
  } catch (error) {
    status = UNKNOWN
    words = encodeURIComponent(error instanceof Error ? error.message.slice(0, 1_000) : 'failed')
  }
  stream.end()
  // What the caller still says is of no interest, but must be read for the stream to close.
  stream.resume()
}

async function send(stream: ServerHttp2Stream, message: Uint8Array): Promise<void> {
  if (stream.destroyed || stream.closed) throw new Error('the caller has gone')
  const frame = Buffer.allocUnsafe(5 + message.length)
  frame[0] = 0
  frame.writeUInt32BE(message.length, 1)
  frame.set(message, 5)
  if (stream.write(frame)) return
  const gone = new AbortController()
  const onClose = (): void => gone.abort()
  stream.once('close', onClose)
  try {
    await once(stream, 'drain', { signal: gone.signal })
  } finally {
    stream.off('close', onClose)
  }
}

async function* messagesOf(stream: ServerHttp2Stream): AsyncGenerator<Uint8Array, void, undefined> {
  let held: Buffer = Buffer.alloc(0)
  // Left early, the stream must stay: its trailers are still to be sent.
  for await (const chunk of stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    held = held.length === 0 ? chunk : Buffer.concat([held, chunk])
    while (held.length >= 5) {
      const length = held.readUInt32BE(1)
      if (held[0] !== 0 || length > MAX_MESSAGE) throw new Error('a message that is not understood')
      if (held.length < 5 + length) break
      yield held.subarray(5, 5 + length)
      held = held.subarray(5 + length)
    }
  }
}
