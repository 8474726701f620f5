/**
 * The engine room's own thin HTTP client over a dialer: a time limit until the headers on every request, an
 * AbortSignal to the bottom, bodies as async iterables that hold the daemon back while nobody reads.
 */
import { request as httpRequest } from 'node:http'
import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { Readable } from 'node:stream'
import type { Duplex } from 'node:stream'
import { NaruError } from '../contract/errors.ts'
import { heedAbort, withAny } from '../system/signals.ts'
import { BACKGROUND } from './background.ts'
import type { Dialer } from './dialer.ts'
import { errorFromStatus, errorFromTransport } from './errors.ts'
import type { ErrorSubject } from './errors.ts'
import { getRaw } from './raw-answer.ts'
import { upgrade } from './upgrade.ts'
import type { UpgradeProtocol } from './upgrade.ts'

/** Milliseconds until headers must have come, unless the call says otherwise. */
export const DEFAULT_TIMEOUT_MS = 30_000
/** Largest answer read into memory, bytes. Lists of tens of thousands of objects stay far below. */
const MAX_BODY_BYTES = 256 * 1024 * 1024
/** Of an error answer only this much is read, bytes. */
const MAX_ERROR_BYTES = 64 * 1024

export type QueryValue = string | number | boolean | undefined | readonly string[] | object

export interface HttpCall {
  readonly method: string
  /** Path without the API version. */
  readonly path: string
  readonly query?: Readonly<Record<string, QueryValue>>
  readonly headers?: OutgoingHttpHeaders
  /** Sent as JSON. */
  readonly body?: unknown
  /** Streamed body, e.g. a tar archive; read only as fast as the engine takes it. */
  readonly upload?: AsyncIterable<Uint8Array>
  readonly signal?: AbortSignal
  /** Milliseconds until headers must have come; null = as long as it takes (following logs). */
  readonly timeoutMs?: number | null
  /** See background.ts. */
  readonly background?: boolean
  /** What the call is about, for errors. */
  readonly subject?: ErrorSubject
}

export interface Http {
  /** Answer below 400 with its body unread; anything else is thrown as a NaruError. */
  readonly open: (call: HttpCall) => Promise<IncomingMessage>
  /**
   * Bytes of the answer to a GET, for bodies of very many small chunks: about twice as fast as `open`. A status of 400
   * and above and a cut are thrown as NaruErrors. `headers`, `body` and `upload` of the call are not sent.
   */
  readonly bytes: (call: HttpCall) => AsyncGenerator<Uint8Array, void, undefined>
  /** The connection itself, once the engine has switched it to `protocol`: `h2c` of sessions, `tcp` of terminals. */
  readonly upgrade: (call: HttpCall, protocol: UpgradeProtocol) => Promise<Duplex>
  /** Answer of any status with its whole body. */
  readonly exchange: (call: HttpCall) => Promise<HttpAnswer>
  /** Body of an answer below 400, parsed; undefined when it is empty. The time limit covers the body too. */
  readonly json: (call: HttpCall) => Promise<unknown>
}

export interface HttpAnswer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly text: string
}

/** `?a=1&b=2`, or nothing. Objects become JSON (the API's `filters`), arrays repeat the key, undefined is left out. */
export function queryString(query: HttpCall['query']): string {
  const search = new URLSearchParams()
  for (const [key, value] of Object.entries(query ?? {})) {
    if (value === undefined || value === null) continue
    if (Array.isArray(value)) for (const one of value) search.append(key, String(one))
    else search.append(key, typeof value === 'object' ? JSON.stringify(value) : String(value))
  }
  const text = search.toString()
  return text && `?${text}`
}

/** A client whose paths are prefixed with `/v<apiVersion>`; without a version they are sent as they are. */
export function createHttp(dialer: Dialer, options: { readonly engineId: string; readonly apiVersion?: string }): Http {
  const { engineId } = options
  const prefix = options.apiVersion ? `/v${options.apiVersion}` : ''

  const open = async (call: HttpCall): Promise<IncomingMessage> => {
    const response = await send(dialer, prefix, call, engineId)
    const status = response.statusCode ?? 0
    if (status < 400) return response
    const text = await errorBody(response)
    // An upload may still be on its way.
    response.destroy()
    throw errorFromStatus(status, text, { engineId, ...call.subject })
  }

  const whole = async (call: HttpCall, response: IncomingMessage): Promise<string> => {
    try {
      return await readBody(response, MAX_BODY_BYTES, false)
    } catch (error) {
      throw errorFromTransport(call.signal?.aborted ? asError(call.signal.reason) : error, { engineId, ...call.subject })
    }
  }

  return {
    open,
    bytes: (call) => readBytes(dialer, prefix, call, engineId),
    upgrade: (call, protocol) => upgrade(dialer.agent, prefix + call.path + queryString(call.query), { ...call, subject: { engineId, ...call.subject } }, protocol),
    exchange: (call) =>
      limited(call, async (bounded) => {
        const response = await send(dialer, prefix, bounded, engineId)
        const text = await whole(bounded, response)
        return { status: response.statusCode ?? 0, headers: response.headers, text }
      }),
    json: (call) =>
      limited(call, async (bounded) => parseJson(await whole(bounded, await open(bounded)), engineId)),
  }
}

/** Runs a call whose time limit covers the body as well as the headers. */
async function limited<T>(call: HttpCall, run: (call: HttpCall) => Promise<T>): Promise<T> {
  const limit = call.timeoutMs === undefined ? DEFAULT_TIMEOUT_MS : call.timeoutMs
  const late = new AbortController()
  const timer = limit === null ? undefined : setTimeout(() => late.abort(timeoutError(limit)), limit)
  try {
    return await withAny(call.signal ? [call.signal, late.signal] : [late.signal], (signal) => run({ ...call, signal, timeoutMs: null }))
  } finally {
    clearTimeout(timer)
  }
}

function send(dialer: Dialer, prefix: string, call: HttpCall, engineId: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const fail = (error: unknown) => reject(errorFromTransport(error, { engineId, ...call.subject }))
    if (call.signal?.aborted) {
      fail(asError(call.signal.reason))
      return
    }
    const body = call.body === undefined ? undefined : JSON.stringify(call.body)
    const request = httpRequest({
      agent: dialer.agent,
      host: 'engine',
      method: call.method,
      path: prefix + call.path + queryString(call.query),
      headers: {
        ...(body !== undefined && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
        ...(call.background && BACKGROUND),
        ...call.headers,
      },
    })
    const limit = call.timeoutMs === undefined ? DEFAULT_TIMEOUT_MS : call.timeoutMs
    const timer = limit === null ? undefined : setTimeout(() => request.destroy(timeoutError(limit)), limit)
    let answered: IncomingMessage | undefined
    const onAbort = () => (answered ?? request).destroy(asError(call.signal?.reason))
    const leave = call.signal && heedAbort(call.signal, onAbort)
    request.once('response', (response) => {
      clearTimeout(timer)
      answered = response
      resolve(response)
    })
    request.on('error', fail)
    request.once('close', () => {
      clearTimeout(timer)
      leave?.()
      fail(new NaruError('engine.unreachable', 'the connection closed before an answer came', { engineId }))
    })
    if (call.upload) pipeline(Readable.from(call.upload, { objectMode: false }), request).catch(fail)
    else request.end(body)
  })
}

async function* readBytes(dialer: Dialer, prefix: string, call: HttpCall, engineId: string): AsyncGenerator<Uint8Array, void, undefined> {
  const { signal } = call
  const limit = call.timeoutMs === undefined ? DEFAULT_TIMEOUT_MS : call.timeoutMs
  let socket: Duplex | undefined
  let why: NaruError | undefined
  const end = (reason: NaruError): void => {
    why ??= reason
    socket?.destroy(reason)
  }
  const onAbort = (): void => end(asError(signal?.reason))
  const timer = limit === null ? undefined : setTimeout(() => end(timeoutError(limit)), limit)
  const leave = signal && heedAbort(signal, onAbort)
  try {
    if (signal?.aborted) throw asError(signal.reason)
    socket = await dialer.connect()
    // Errors come out of the reading; without a listener they would end the process.
    socket.on('error', () => undefined)
    if (why) throw why
    const answer = await getRaw(socket, prefix + call.path + queryString(call.query))
    clearTimeout(timer)
    if (answer.status >= 400) throw errorFromStatus(answer.status, await errorBody(answer.body), { engineId, ...call.subject })
    yield* answer.body
  } catch (error) {
    throw why ?? errorFromTransport(error, { engineId, ...call.subject })
  } finally {
    clearTimeout(timer)
    leave?.()
    socket?.destroy()
  }
}

function asError(reason: unknown): NaruError {
  return reason instanceof NaruError ? reason : new NaruError('cancelled', 'cancelled', { cause: reason })
}

function timeoutError(limit: number): NaruError {
  return new NaruError('timeout', `the engine did not answer within ${limit} ms`, { params: { milliseconds: limit } })
}

const errorBody = (body: AsyncIterable<Uint8Array>): Promise<string> => readBody(body, MAX_ERROR_BYTES, true).catch(() => '')

async function readBody(body: AsyncIterable<Uint8Array>, limit: number, cut: boolean): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body) {
    size += chunk.length
    if (size > limit) {
      if (cut) break
      throw new NaruError('internal', `the engine's answer is larger than ${limit} bytes`)
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function parseJson(text: string, engineId: string): unknown {
  if (text.trim() === '') return undefined
  try {
    return JSON.parse(text) as unknown
  } catch {
    throw new NaruError('engine.not-an-engine', 'the answer is not JSON', { engineId, detail: text.slice(0, 500) })
  }
}
