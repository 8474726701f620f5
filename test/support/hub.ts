/** Stand-in for the Hub: its search, tag and index addresses in their documented shapes, and its bad days. */
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { LARGE_REPOSITORY, largeRepository } from './hub-large.ts'

/** `ok`; `limited` = 429; `html` = a portal's page; `moved` = sent to another host; `old` = no `/v2` search; `odd` = JSON of another shape; `slow` = silent; `huge` = without end; `broken` = 500 */
export type HubMood = 'ok' | 'limited' | 'html' | 'moved' | 'old' | 'odd' | 'slow' | 'huge' | 'broken'

export interface HubStandIn {
  readonly url: string
  mood: HubMood
  /** Paths asked for, with their queries. */
  readonly asked: readonly string[]
  /** Milliseconds before each answer. */
  delayMs: number
  /** Most requests at the same time so far. */
  readonly mostAtOnce: () => number
  /** Answers left before `limited` sets in by itself. */
  allowed: number
  readonly close: () => Promise<void>
}

const REPOSITORIES = Array.from({ length: 57 }, (_, i) => ({
  name: i === 0 ? 'nginx' : `acme/nginx-${i}`,
  description: `image ${i}`,
  stars: 1_000 - i,
  pulls: 1_000_000 - i,
  official: i === 0,
  verified: i === 1,
}))
const LARGE = { name: LARGE_REPOSITORY, description: 'A repository with very many tags', stars: 812, pulls: 90_000_000, official: false, verified: true }
const TAGS = Array.from({ length: 33 }, (_, i) => (i === 0 ? 'latest' : `1.${i}`))
const DATE = '2026-01-05T21:06:53.506400Z'

export async function startHub(): Promise<HubStandIn> {
  const asked: string[] = []
  let atOnce = 0
  let most = 0
  const server = createServer((request, response) => {
    asked.push(request.url ?? '')
    most = Math.max(most, ++atOnce)
    response.on('close', () => (atOnce -= 1))
    if (hub.allowed-- <= 0) hub.mood = 'limited'
    setTimeout(() => answer(request, response, hub), hub.delayMs)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const hub: HubStandIn = {
    url: `http://127.0.0.1:${port}`,
    mood: 'ok',
    asked,
    delayMs: 0,
    mostAtOnce: () => most,
    allowed: Number.POSITIVE_INFINITY,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
  return hub
}

function json(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers })
  response.end(JSON.stringify(body))
}

function answer(request: IncomingMessage, response: ServerResponse, hub: HubStandIn): void {
  const url = new URL(request.url ?? '/', hub.url)
  if (moody(response, hub.mood, url)) return
  const tags = /^\/v2\/namespaces\/([^/]+)\/repositories\/([^/]+)\/tags\/?$/.exec(url.pathname)
  if (tags) sendTags(response, hub.url, url, `${tags[1]}/${tags[2]}`)
  else if (/^\/v2\/search\/repositories\/?$/.test(url.pathname)) sendSearch(response, hub.url, url)
  else if (url.pathname.startsWith('/api/search/v4')) sendCatalogue(response, url)
  else if (url.pathname === '/v1/_ping') json(response, 200, {}, { 'X-Docker-Registry-Version': '0.9.1', 'X-Docker-Registry-Standalone': 'true' })
  else if (url.pathname === '/v1/search') sendIndex(response, url)
  else json(response, 404, { errinfo: {}, message: 'object not found' })
}

/** True when the mood has answered (or will not). */
function moody(response: ServerResponse, mood: HubMood, url: URL): boolean {
  switch (mood) {
    case 'limited':
      json(response, 429, { message: 'too many requests' }, { 'x-ratelimit-limit': '180', 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1893456000', 'retry-after': '60' })
      return true
    case 'html':
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html><body>Please log in to the network</body></html>')
      return true
    case 'moved':
      response.writeHead(302, { location: 'http://portal.invalid/login' }).end()
      return true
    case 'odd':
      json(response, 200, { items: [] })
      return true
    case 'broken':
      json(response, 500, { message: 'oops' })
      return true
    case 'huge':
      response.writeHead(200, { 'content-type': 'application/json' })
      response.write('[')
      for (let i = 0; i < 90; i++) response.write('0,'.repeat(32_768))
      return true
    case 'slow':
      return true
    case 'old':
      if (!url.pathname.startsWith('/v2/search')) return false
      json(response, 404, { message: 'object not found' })
      return true
    case 'ok':
      return false
  }
}

function pageOf(url: URL): { page: number; size: number; from: number } {
  const page = Number(url.searchParams.get('page') ?? 1)
  const size = Math.min(Number(url.searchParams.get('page_size') ?? 10), 100)
  return { page, size, from: (page - 1) * size }
}

const matching = (term: string | null) => [...REPOSITORIES, LARGE].filter(({ name }) => name.includes(term ?? ''))

function sendSearch(response: ServerResponse, base: string, url: URL): void {
  const { page, size, from } = pageOf(url)
  const found = matching(url.searchParams.get('query'))
  json(response, 200, {
    count: found.length,
    next: from + size < found.length ? `${base}/v2/search/repositories/?page=${page + 1}&page_size=${size}` : '',
    previous: '',
    results: found.slice(from, from + size).map((one) => ({
      repo_name: one.name,
      short_description: one.description,
      star_count: one.stars,
      pull_count: one.pulls,
      repo_owner: '',
      is_automated: false,
      is_official: one.official,
    })),
  })
}

function sendCatalogue(response: ServerResponse, url: URL): void {
  const from = Number(url.searchParams.get('from') ?? 0)
  const size = Number(url.searchParams.get('size') ?? 25)
  const found = matching(url.searchParams.get('query'))
  json(response, 200, {
    total: found.length,
    results: found.slice(from, from + size).map((one) => ({
      id: one.name,
      name: one.name,
      slug: one.official ? `library/${one.name}` : one.name,
      short_description: one.description,
      star_count: one.stars,
      badge: one.official ? 'official' : one.verified ? 'verified_publisher' : 'none',
      publisher: { id: 'p', name: 'Acme' },
    })),
  })
}

function sendIndex(response: ServerResponse, url: URL): void {
  const found = matching(url.searchParams.get('q')).slice(0, Number(url.searchParams.get('n') ?? 25))
  json(response, 200, {
    num_pages: 1,
    num_results: found.length,
    page_size: found.length,
    page: 1,
    query: url.searchParams.get('q') ?? '',
    results: found.map((one) => ({ name: one.name, description: one.description, star_count: one.stars, pull_count: one.pulls, is_trusted: false, is_automated: false, is_official: one.official })),
  })
}

function sendTags(response: ServerResponse, base: string, url: URL, repository: string): void {
  if (repository === LARGE_REPOSITORY) {
    sendLarge(response, base, url)
    return
  }
  if (!REPOSITORIES.some(({ name }) => name === repository.replace('library/', ''))) {
    json(response, 404, { message: 'object not found', errinfo: { namespace: 'x' } })
    return
  }
  const { page, size, from } = pageOf(url)
  const found = TAGS.filter((name) => name.includes(url.searchParams.get('name') ?? ''))
  const image = (architecture: string, os: string, variant: string | null) => ({ architecture, os, variant, features: '', size: 123_456, status: 'active', digest: `sha256:${'a'.repeat(64)}` })
  json(response, 200, {
    count: found.length,
    next: from + size < found.length ? `${base}${url.pathname}?page=${page + 1}&page_size=${size}` : null,
    previous: null,
    results: found.slice(from, from + size).map((name, id) => ({
      id,
      name,
      full_size: 123_456,
      last_updated: DATE,
      tag_last_pushed: DATE,
      tag_status: 'active',
      digest: `sha256:${'b'.repeat(64)}`,
      images: [image('amd64', 'linux', null), image('arm64', 'linux', 'v8'), image('unknown', 'unknown', null)],
    })),
  })
}

let large: ReturnType<typeof largeRepository> | undefined
function sendLarge(response: ServerResponse, base: string, url: URL): void {
  large ??= largeRepository()
  const { page, size, from } = pageOf(url)
  const found = large.filter(({ name }) => name.includes(url.searchParams.get('name') ?? ''))
  json(response, 200, {
    count: found.length,
    next: from + size < found.length ? `${base}${url.pathname}?page=${page + 1}&page_size=${size}` : null,
    previous: null,
    results: found.slice(from, from + size),
  })
}
