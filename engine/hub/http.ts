/** GET of JSON from the Hub: bounded in time and size, never led to another host or to an unprotected connection. */
import { NaruError, isCancelled } from '../contract/errors.ts'

const LIMIT_MS = 12_000
const MOST_BYTES = 4 * 1024 * 1024
const MOST_REDIRECTS = 3

/** The service answers, but not with what was asked for: another address of it (or the engine) may know better. */
export class UnusableAnswer extends NaruError {
  constructor(registry: string, hint: string, message: string, detail?: string) {
    super('registry.unreachable', message, { params: { registry }, hint, detail, retryable: false })
  }
}

/**
 * @throws NaruError `registry.unreachable` {registry}, `rate-limited` {registry, limit?, resetAt?}, `unauthorized`,
 *   `denied`, `not-found`, `cancelled`; UnusableAnswer for HTML, cut or over-long answers
 */
export async function getJson(url: URL, signal: AbortSignal, headers: Readonly<Record<string, string>> = {}): Promise<unknown> {
  const limit = AbortSignal.timeout(LIMIT_MS)
  try {
    const response = await fetchHere(url, AbortSignal.any([signal, limit]), headers)
    if (!response.ok) throw await refusal(response, url.host)
    return parse(await readBounded(response, url.host), url.host)
  } catch (error) {
    if (signal.aborted) throw error instanceof NaruError && isCancelled(error) ? error : new NaruError('cancelled', 'cancelled', { cause: error })
    if (error instanceof NaruError) throw error
    if (limit.aborted) throw unreachable(url.host, `no answer within ${LIMIT_MS} ms`, 'timeout', error)
    throw unreachable(url.host, reasonOf(error), undefined, error)
  }
}

async function fetchHere(url: URL, signal: AbortSignal, headers: Readonly<Record<string, string>>): Promise<Response> {
  let at = url
  for (let hop = 0; hop <= MOST_REDIRECTS; hop++) {
    const response = await fetch(at, { signal, redirect: 'manual', headers: { accept: 'application/json', ...headers } })
    const location = response.headers.get('location')
    if (response.status < 300 || response.status >= 400 || location === null) return response
    await response.body?.cancel()
    const next = URL.canParse(location, at.href) ? new URL(location, at) : null
    const opened = url.protocol === 'https:' && next?.protocol !== 'https:'
    if (next?.host !== url.host || opened) {
      // A captive portal or a proxy's page, an address that is no Hub, or one that anybody on the way could answer.
      throw new UnusableAnswer(url.host, 'hub.redirected', 'the answer leads to another host', location.slice(0, 200))
    }
    at = next
  }
  throw new UnusableAnswer(url.host, 'hub.redirected', 'the answer leads in circles')
}

async function refusal(response: Response, registry: string): Promise<NaruError> {
  const text = await readBounded(response, registry).catch(() => '')
  const detail = `HTTP ${response.status} ${text.slice(0, 500)}`.trim()
  const params = { registry }
  switch (response.status) {
    case 429:
      return new NaruError('rate-limited', 'the registry limits us', { params: { ...params, ...limitsOf(response.headers) }, detail })
    case 401:
      return new NaruError('unauthorized', 'the registry wants a login', { params, detail })
    case 403:
      return new NaruError('denied', 'the registry refuses', { params, detail })
    case 404:
      return new NaruError('not-found', 'the registry does not know that', { params, detail })
    default:
      return new UnusableAnswer(registry, 'hub.status', `the registry answered ${response.status}`, detail)
  }
}

/** `resetAt` in milliseconds since 1970. */
function limitsOf(headers: Headers): { limit?: number; resetAt?: number } {
  const limit = Number(headers.get('x-ratelimit-limit') ?? Number.NaN)
  const reset = Number(headers.get('x-ratelimit-reset') ?? Number.NaN)
  const after = headers.get('retry-after')
  const seconds = Number(after ?? Number.NaN)
  const resetAt = reset > 0 ? reset * 1_000 : Number.isFinite(seconds) ? Date.now() + seconds * 1_000 : Date.parse(after ?? '')
  return { ...(limit > 0 && { limit }), ...(Number.isFinite(resetAt) && { resetAt }) }
}

async function readBounded(response: Response, registry: string): Promise<string> {
  if (!response.body) return ''
  const decoder = new TextDecoder()
  let text = ''
  let bytes = 0
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength
    // Leaving the loop cancels the rest.
    if (bytes > MOST_BYTES) throw new UnusableAnswer(registry, 'hub.too-long', `the answer is longer than ${MOST_BYTES} bytes`)
    text += decoder.decode(chunk, { stream: true })
  }
  return text + decoder.decode()
}

function parse(text: string, registry: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    const html = /^\s*</.test(text)
    const message = html ? 'the answer is a web page, not JSON' : 'the answer is not JSON'
    throw new UnusableAnswer(registry, 'hub.not-json', message, text.slice(0, 300))
  }
}

function unreachable(registry: string, reason: string, hint: string | undefined, cause: unknown): NaruError {
  return new NaruError('registry.unreachable', `${registry} cannot be reached: ${reason}`, {
    params: { registry },
    detail: reason,
    cause,
    ...(hint && { hint: `hub.${hint}` }),
  })
}

/** `fetch` says "fetch failed"; the cause says why. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined
  const deepest = cause instanceof AggregateError ? (cause.errors[0] as unknown) : cause
  if (deepest instanceof Error) return deepest.message
  return error instanceof Error ? error.message : String(error)
}
