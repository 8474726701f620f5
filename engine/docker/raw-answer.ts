/**
 * One GET and its answer, read straight from the connection: for bodies of many small chunks, where Node's own client
 * is the slowest part. The socket rests while nobody takes the next piece.
 */
import type { Duplex } from 'node:stream'
import { NaruError } from '../contract/errors.ts'
import { ChunkedBody } from './chunked.ts'

/** Largest head of an answer, bytes. */
const MAX_HEAD = 64 * 1024

export interface RawAnswer {
  readonly status: number
  /** The body; throws when the connection ends before it does. May be read once. */
  readonly body: AsyncIterable<Uint8Array>
}

interface Head {
  readonly status: number
  readonly chunked: boolean
  /** Bytes of the body; null when the end of the connection is its end. */
  readonly length: number | null
  /** What came behind the head. */
  readonly rest: Buffer
}

/** Sends the request and reads the head of its answer. The caller destroys the socket, also when this throws. */
export async function getRaw(socket: Duplex, path: string): Promise<RawAnswer> {
  const pieces = socket[Symbol.asyncIterator]() as AsyncIterator<Buffer>
  socket.write(`GET ${path} HTTP/1.1\r\nHost: engine\r\nConnection: close\r\n\r\n`)
  let head = await readHead(pieces)
  // Interim answers (1xx) announce the real one.
  while (head.status < 200) head = await readHead(pieces, head.rest)
  return { status: head.status, body: readBody(pieces, head) }
}

async function readHead(pieces: AsyncIterator<Buffer>, begin: Buffer = Buffer.alloc(0)): Promise<Head> {
  let read = begin
  for (;;) {
    const end = read.indexOf('\r\n\r\n')
    if (end >= 0) return parseHead(read.toString('latin1', 0, end), read.subarray(end + 4))
    if (read.length > MAX_HEAD) throw notHttp(read)
    const next = await pieces.next()
    if (next.done) throw cut('the connection closed before an answer came')
    read = read.length === 0 ? next.value : Buffer.concat([read, next.value])
  }
}

function parseHead(text: string, rest: Buffer): Head {
  const [first = '', ...lines] = text.split('\r\n')
  const status = /^HTTP\/1\.[01] (\d{3})/.exec(first)?.[1]
  if (!status) throw notHttp(Buffer.from(first))
  const fields = new Map(
    lines.map((line) => {
      const colon = line.indexOf(':')
      return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()]
    }),
  )
  const chunked = /\bchunked\b/i.test(fields.get('transfer-encoding') ?? '')
  const length = fields.get('content-length')
  return { status: Number(status), chunked, length: chunked || length === undefined ? null : Number(length), rest }
}

async function* readBody(pieces: AsyncIterator<Buffer>, { chunked, length, rest }: Head): AsyncGenerator<Uint8Array, void, undefined> {
  const decoder = chunked ? new ChunkedBody() : null
  let left = length ?? Number.POSITIVE_INFINITY
  for (let piece: Buffer | null = rest; ; ) {
    const payload: Uint8Array = decoder ? decoder.push(piece) : piece.subarray(0, Math.min(piece.length, left))
    left -= payload.length
    if (payload.length > 0) yield payload
    if (decoder?.done || left === 0) return
    const next: IteratorResult<Buffer, unknown> = await pieces.next()
    if (next.done) {
      if (!decoder && length === null) return
      throw cut('the connection closed in the middle of an answer')
    }
    piece = next.value
  }
}

function cut(message: string): Error {
  return Object.assign(new Error(message), { code: 'ECONNRESET' })
}

function notHttp(read: Buffer): NaruError {
  return new NaruError('engine.not-an-engine', 'the answer is not HTTP', { detail: read.toString('latin1', 0, 500) })
}
