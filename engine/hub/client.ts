/**
 * Search and tags of the Hub. Addresses (all below the configured base): tags are documented
 * (`/v2/namespaces/NS/repositories/NAME/tags`); for search the primary is `/v2/search/repositories/`, which many
 * clients use but nothing documents, so the web pages' `/api/search/v4` and then the engine's own search stand behind it.
 * Only the latter tells who is a verified publisher, only the former counts pulls: both are asked, joined by name.
 */
import { NaruError } from '../contract/errors.ts'
import type { HubImage, HubSearchPage, HubTagPage } from '../contract/models.ts'
import type { EngineClient } from '../docker/engine-client.ts'
import { DEFAULT_DOMAIN, parseReference } from '../images/reference.ts'
import { UnusableAnswer, getJson } from './http.ts'
import { readSearch, readTags } from './shapes.ts'
import type { Page } from './shapes.ts'

export interface SearchQuery {
  readonly query: string
  /** From 1. */
  readonly page: number
  readonly pageSize: number
}

export interface HubClient {
  /**
   * @param engine asked when the Hub gives nothing usable; undefined = no fall-back
   * @throws NaruError `registry.unreachable` {registry}, `rate-limited` {registry, limit?, resetAt?}
   */
  readonly search: (query: SearchQuery, engine: Pick<EngineClient, 'searchImages'> | undefined, signal: AbortSignal) => Promise<HubSearchPage>
  /** @throws NaruError as search, and `invalid-reference`, `not-found` {name} */
  readonly tags: (
    query: { readonly repository: string; readonly page: number; readonly pageSize: number; readonly filter: string },
    signal: AbortSignal,
  ) => Promise<HubTagPage>
}

export interface HubOptions {
  /** Base address, asked for at every request: it is a setting. */
  readonly baseUrl: () => string
  readonly now?: () => number
}

const CACHE_MS = 60_000
const CACHE_ENTRIES = 200
/** The engine's own search has no pages: this is the most it gives. */
const ENGINE_LIMIT = 100
/** When the Hub is silent the engine mostly is too: the person must not wait long for the bad news. */
const ENGINE_MS = 5_000
/** Badges are looked up beside the results; nobody waits longer for them. */
const BADGES_MS = 1_500
const BADGES_SIZE = 100

export function createHubClient(options: HubOptions): HubClient {
  const cached = createCache(options.now ?? (() => performance.now()))
  const address = (path: string, query: Readonly<Record<string, string | number>>): URL => {
    const url = new URL(options.baseUrl().replace(/\/+$/, '') + path)
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, String(value))
    return url
  }

  /** Names of the verified publishers' repositories among the first matches; empty when the Hub does not tell. */
  function verifiedNames(query: string, signal: AbortSignal): Promise<ReadonlySet<string>> {
    const url = address('/api/search/v4', { query, from: 0, size: BADGES_SIZE })
    return cached(`b ${url.href}`, async () => {
      const answer = await getJson(url, AbortSignal.any([signal, AbortSignal.timeout(BADGES_MS)]))
      return new Set(readSearch(answer)?.rows.flatMap((row) => (row.verified ? row.name : [])))
    }).catch(() => new Set<string>())
  }

  async function withBadges(found: Page<HubImage>, verified: Promise<ReadonlySet<string>>): Promise<Page<HubImage>> {
    const names = await verified
    return { ...found, rows: found.rows.map((row) => (names.has(row.name) ? { ...row, verified: true } : row)) }
  }

  async function searchHub({ query, page, pageSize }: SearchQuery, signal: AbortSignal): Promise<Page<HubImage>> {
    const primary = address('/v2/search/repositories/', { query, page, page_size: pageSize })
    const verified = verifiedNames(query, signal)
    try {
      return await withBadges(usable(readSearch(await getJson(primary, signal)), primary.host), verified)
    } catch (error) {
      if (!hasAlternative(error)) throw error
      const second = address('/api/search/v4', { query, from: (page - 1) * pageSize, size: pageSize })
      return await getJson(second, signal).then(
        (answer) => usable(readSearch(answer), second.host),
        () => Promise.reject(error),
      )
    }
  }

  return {
    async search(wanted, engine, signal) {
      const query = wanted.query.trim()
      if (query === '') return { total: 0, page: wanted.page, hasMore: false, results: [], source: 'hub' }
      const trimmed = { ...wanted, query }
      try {
        return await cached(`s ${options.baseUrl()} ${JSON.stringify(trimmed)}`, async () => {
          const found = await searchHub(trimmed, signal)
          return { ...paged(found, trimmed), results: found.rows, source: 'hub' }
        })
      } catch (error) {
        if (!engine || !(error instanceof NaruError) || !['registry.unreachable', 'not-found'].includes(error.code)) throw error
        return searchByEngine(engine, trimmed, error, signal)
      }
    },
    async tags(wanted, signal) {
      const { namespace, name } = splitRepository(wanted.repository)
      const url = address(`/v2/namespaces/${encodeURIComponent(namespace)}/repositories/${encodeURIComponent(name)}/tags`, {
        page: wanted.page,
        page_size: wanted.pageSize,
        ...(wanted.filter.trim() && { name: wanted.filter.trim() }),
      })
      return cached(`t ${url.href}`, async () => {
        const found = usable(readTags(await getJson(url, signal).catch((error: unknown) => unknownRepository(error, wanted.repository))), url.host)
        return { ...paged(found, wanted), results: found.rows }
      })
    },
  }
}

function hasAlternative(error: unknown): boolean {
  return error instanceof UnusableAnswer || (error instanceof NaruError && error.code === 'not-found')
}

function usable<Row>(page: Page<Row> | null, registry: string): Page<Row> {
  if (!page) throw new UnusableAnswer(registry, 'hub.shape', 'the answer has an unknown shape')
  return page
}

function paged(found: Page<unknown>, { page, pageSize }: { readonly page: number; readonly pageSize: number }) {
  const before = (page - 1) * pageSize
  const total = found.total ?? before + found.rows.length
  return { total, page, hasMore: found.next ?? before + found.rows.length < total }
}

async function searchByEngine(
  engine: Pick<EngineClient, 'searchImages'>,
  { query, page, pageSize }: SearchQuery,
  hubError: NaruError,
  signal: AbortSignal,
): Promise<HubSearchPage> {
  const options = { signal: AbortSignal.any([signal, AbortSignal.timeout(ENGINE_MS)]) }
  // The Hub's own error says more about what is wrong than the engine's.
  const found = await engine.searchImages({ term: query, limit: ENGINE_LIMIT }, options).catch(() => Promise.reject(hubError))
  const results = found.slice((page - 1) * pageSize, page * pageSize).map((item) => ({
    name: item.name.replace(/^docker\.io\/(?:library\/)?/, ''),
    description: item.description ?? '',
    stars: item.star_count ?? 0,
    official: item.is_official ?? false,
    verified: false,
  }))
  return { total: found.length, page, hasMore: page * pageSize < found.length, results, source: 'engine' }
}

function splitRepository(repository: string): { namespace: string; name: string } {
  const { domain, path } = parseReference(repository)
  const [namespace, name, ...more] = path.split('/')
  if (domain !== DEFAULT_DOMAIN || !namespace || !name || more.length > 0) {
    throw new NaruError('invalid-reference', `${repository} is no repository of the Hub`, {
      params: { reference: repository },
      hint: 'hub.other-registry',
    })
  }
  return { namespace, name }
}

function unknownRepository(error: unknown, repository: string): never {
  if (error instanceof NaruError && error.code === 'not-found') {
    throw new NaruError('not-found', `the Hub has no ${repository}`, { params: { name: repository }, detail: error.detail, cause: error })
  }
  throw error
}

/** Answers for a minute, the oldest forgotten first; failures are not kept. */
function createCache(now: () => number) {
  const entries = new Map<string, { readonly at: number; readonly value: unknown }>()
  return async <T>(key: string, make: () => Promise<T>): Promise<T> => {
    const hit = entries.get(key)
    if (hit && now() - hit.at < CACHE_MS) return hit.value as T
    const value = await make()
    entries.delete(key)
    entries.set(key, { at: now(), value })
    const [oldest] = entries.keys()
    if (entries.size > CACHE_ENTRIES && oldest !== undefined) entries.delete(oldest)
    return value
  }
}
