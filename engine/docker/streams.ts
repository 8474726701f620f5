/** The calls whose answers flow: events, logs, stats, pull, push, load, save. The socket rests while nobody takes the next item. */
import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http'
import type { RawEvent, RawProgress, RawStats } from './api-types.ts'
import { NaruError } from '../contract/errors.ts'
import type { EngineClient } from './engine-client.ts'
import { errorFromTransport } from './errors.ts'
import type { Http, HttpCall } from './http.ts'
import { readMessages } from './ndjson.ts'
import { readProgress } from './progress.ts'
import { progressMessage } from './progress-message.ts'

export type StreamCalls = Pick<EngineClient, 'events' | 'logs' | 'stats' | 'pullImage' | 'pushImage' | 'loadImage' | 'saveImages' | 'buildImage' | 'openSession'>

/** Milliseconds a pull may take until its first answer: the engine asks the registry before it sends headers. */
const PULL_HEADERS_MS = 120_000

/** The streaming half of an engine client. */
export function createStreamCalls(http: Http, engineId: string): StreamCalls {
  return {
    events: (query) => events(http, engineId, query),
    logs: (id, query) => logs(http, id, query),
    stats: async function* (id, signal) {
      const call: HttpCall = {
        method: 'GET',
        path: `/containers/${encodeURIComponent(id)}/stats`,
        query: { stream: true },
        signal,
        subject: { container: id, engineId },
      }
      for await (const message of readMessages(body(http, call, engineId))) yield message as RawStats
    },
    pullImage: (query, options) => pull(http, engineId, query, options ?? {}),
    pushImage: (query, options) => push(http, engineId, query, options ?? {}),
    loadImage: async function* (archive, options) {
      const subject = { engineId, archive: true }
      const call: HttpCall = {
        method: 'POST',
        path: '/images/load',
        query: { quiet: false },
        headers: { 'content-type': 'application/x-tar' },
        upload: archive,
        subject,
        signal: options?.signal,
        // The answer begins when the archive has been read: as long as the upload takes.
        timeoutMs: options?.timeoutMs ?? null,
      }
      yield* readProgress(body(http, call, engineId), subject)
    },
    saveImages: (names, options) => save(http, engineId, names, options ?? {}),
    openSession: (headers, options) => http.upgrade({ method: 'POST', path: '/session', headers: headers as OutgoingHttpHeaders, ...options }, 'h2c'),
    buildImage: async function* (context, query, options) {
      const call: HttpCall = {
        method: 'POST',
        path: '/build',
        query,
        headers: { ...(context && { 'content-type': 'application/x-tar' }), ...(options.registryConfig && { 'x-registry-config': options.registryConfig }) },
        ...(context && { upload: context }),
        signal: options.signal,
        // The classic builder answers when it has the whole context.
        timeoutMs: options.timeoutMs ?? null,
        subject: { engineId },
      }
      for await (const message of readMessages(body(http, call, engineId))) {
        const known = progressMessage(message)
        if (known) yield known
      }
    },
  }
}

/** Bytes of an answer. Ends the connection when the reader leaves early; a cut is `engine.unreachable`. */
async function* body(
  http: Http,
  call: HttpCall,
  engineId: string,
  onOpen?: () => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  const response: IncomingMessage = await http.open(call)
  onOpen?.()
  try {
    for await (const chunk of response as AsyncIterable<Uint8Array>) yield chunk
  } catch (error) {
    const cause: unknown = call.signal?.aborted ? call.signal.reason : error
    throw call.signal?.aborted && !(cause instanceof NaruError)
      ? new NaruError('cancelled', 'cancelled', { cause })
      : errorFromTransport(cause, { engineId, ...call.subject })
  } finally {
    response.destroy()
  }
}

async function* events(
  http: Http,
  engineId: string,
  query: Parameters<EngineClient['events']>[0],
): AsyncGenerator<RawEvent, void, undefined> {
  const call: HttpCall = { method: 'GET', path: '/events', query: { since: query.since }, signal: query.signal }
  for await (const message of readMessages(body(http, call, engineId, query.onOpen))) {
    if (message && typeof message === 'object') yield message as RawEvent
  }
}

function logs(
  http: Http,
  id: string,
  query: Parameters<EngineClient['logs']>[1],
): AsyncGenerator<Uint8Array, void, undefined> {
  // dockerd sends every line as a chunk of its own.
  return http.bytes({
    method: 'GET',
    path: `/containers/${encodeURIComponent(id)}/logs`,
    query: {
      follow: query.follow,
      timestamps: query.timestamps,
      stdout: query.stdout ?? true,
      stderr: query.stderr ?? true,
      since: query.since,
      until: query.until,
      tail: query.tail,
    },
    signal: query.signal,
    // Podman sends no headers before the first byte of log.
    timeoutMs: query.follow ? null : undefined,
    subject: { container: id },
  })
}

function save(
  http: Http,
  engineId: string,
  names: readonly string[],
  options: { readonly signal?: AbortSignal; readonly timeoutMs?: number },
): AsyncGenerator<Uint8Array, void, undefined> {
  const [first = ''] = names
  const one = names.length === 1
  return http.bytes({
    method: 'GET',
    // One image has its own address, which old engines and Podman know too; there slashes of the name stay.
    path: one ? `/images/${encodeURIComponent(first).replaceAll('%2F', '/')}/get` : '/images/get',
    query: one ? {} : { names },
    signal: options.signal,
    timeoutMs: options.timeoutMs ?? null,
    subject: { reference: first, engineId },
  })
}

function pull(
  http: Http,
  engineId: string,
  query: Parameters<EngineClient['pullImage']>[0],
  options: { readonly signal?: AbortSignal; readonly timeoutMs?: number },
): AsyncGenerator<RawProgress, void, undefined> {
  const separator = query.tag?.includes(':') ? '@' : ':'
  const reference = query.tag ? `${query.name}${separator}${query.tag}` : query.name
  const subject = { reference, registry: true, engineId }
  const call: HttpCall = {
    method: 'POST',
    path: '/images/create',
    query: { fromImage: query.name, tag: query.tag, platform: query.platform },
    headers: query.auth ? { 'x-registry-auth': query.auth } : {},
    signal: options.signal,
    timeoutMs: options.timeoutMs ?? PULL_HEADERS_MS,
    subject,
  }
  return readProgress(body(http, call, engineId), subject)
}

export { body as bodyOf }
/** The value for nobody: engines refuse a push without the header. */
const ANONYMOUS = Buffer.from('{}').toString('base64')

function push(
  http: Http,
  engineId: string,
  query: Parameters<EngineClient['pushImage']>[0],
  options: { readonly signal?: AbortSignal; readonly timeoutMs?: number },
): AsyncGenerator<RawProgress, void, undefined> {
  const subject = { reference: `${query.name}:${query.tag}`, registry: true, engineId }
  const call: HttpCall = {
    method: 'POST',
    path: `/images/${encodeURIComponent(query.name).replaceAll('%2F', '/')}/push`,
    query: { tag: query.tag },
    headers: { 'x-registry-auth': query.auth ?? ANONYMOUS },
    signal: options.signal,
    timeoutMs: options.timeoutMs ?? PULL_HEADERS_MS,
    subject,
  }
  return readProgress(body(http, call, engineId), subject)
}
