/** One question to one address: which version of Naru is the newest. Asked only where the person switched it on (docs/adr/0035). */
import { request as requestHttp } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { request as requestHttps } from 'node:https'
import { isVersion } from './versions.ts'

/** A placeholder, as all addresses of this project until it is published. The only place that names it. */
export const FEED_ADDRESS = 'https://naru.example.invalid/releases.json'
/** From the question to the last byte of the answer. */
export const FEED_LIMIT_MS = 10_000
export const FEED_MOST_BYTES = 64 * 1024

export interface Release {
  /** `1.2.3`. */
  readonly version: string
  /** What is new in it: a page of the feed's own host. */
  readonly notes: string
}

/** `unreachable`: no answer in time. `unusable`: an answer that is not the feed's. */
export class FeedError extends Error {
  readonly kind: 'unreachable' | 'unusable'
  constructor(kind: FeedError['kind'], message: string) {
    super(message)
    this.kind = kind
  }
}

const LOOPBACK = new Set(['127.0.0.1', '[::1]'])

/** The feed's address. `NARU_RELEASE_FEED` replaces it for tests, with an address of this very machine and no other. */
export function feedAddress(env: Readonly<Record<string, string | undefined>>): URL {
  const given = env['NARU_RELEASE_FEED'] ?? ''
  if (URL.canParse(given) && LOOPBACK.has(new URL(given).hostname) && /^https?:/.test(given)) return new URL(given)
  return new URL(FEED_ADDRESS)
}

/**
 * Nothing goes along but the name and version of the program: no cookie, no number of this machine or person, and no connection
 * is kept. An answer that leads elsewhere is not followed.
 * @throws FeedError; `cancelled` by the signal is `unreachable` too
 */
export async function askFeed(feed: URL, ownVersion: string, signal: AbortSignal): Promise<Release> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(FEED_LIMIT_MS)])
  let text: string
  try {
    text = await readBounded(await get(feed, ownVersion, limit))
  } catch (error) {
    if (error instanceof FeedError) throw error
    throw new FeedError('unreachable', limit.aborted ? `no whole answer within ${FEED_LIMIT_MS} ms` : String(error))
  }
  return readRelease(text, feed)
}

function get(feed: URL, ownVersion: string, signal: AbortSignal): Promise<IncomingMessage> {
  const request = feed.protocol === 'https:' ? requestHttps : requestHttp
  const headers = { accept: 'application/json', 'user-agent': `Naru/${ownVersion}` }
  return new Promise((resolve, reject) => {
    request(feed, { agent: false, headers, signal }, resolve).on('error', reject).end()
  })
}

async function readBounded(answer: IncomingMessage): Promise<string> {
  try {
    if (answer.statusCode !== 200) throw new FeedError('unusable', `the feed answered ${answer.statusCode}`)
    const parts: Buffer[] = []
    let bytes = 0
    for await (const part of answer as AsyncIterable<Buffer>) {
      bytes += part.length
      if (bytes > FEED_MOST_BYTES) throw new FeedError('unusable', `the answer is longer than ${FEED_MOST_BYTES} bytes`)
      parts.push(part)
    }
    return Buffer.concat(parts).toString('utf8')
  } finally {
    answer.destroy()
  }
}

/**
 * Exactly `{"version": "1.2.3", "notes": "https://…"}`: a page that may be opened is of the feed's own host and as protected as it.
 * @throws FeedError `unusable`
 */
export function readRelease(text: string, feed: URL): Release {
  const fail = (what: string): never => {
    throw new FeedError('unusable', what)
  }
  let found: unknown
  try {
    found = JSON.parse(text)
  } catch {
    return fail('the answer is not JSON')
  }
  if (typeof found !== 'object' || found === null || Object.keys(found).sort().join() !== 'notes,version') return fail('the answer has other fields than a feed')
  const { version, notes } = found as Record<string, unknown>
  if (!isVersion(version)) return fail('the version is none')
  if (typeof notes !== 'string' || notes.length > 300 || !URL.canParse(notes)) return fail('the notes are no address')
  const page = new URL(notes)
  if (page.origin !== feed.origin || page.username !== '' || page.password !== '') return fail('the notes are of another host')
  return { version, notes: page.href }
}
