import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createHubClient } from '../../../engine/hub/client.ts'
import type { HubClient } from '../../../engine/hub/client.ts'
import { getJson } from '../../../engine/hub/http.ts'
import { readSearch, readTags } from '../../../engine/hub/shapes.ts'
import { startHub } from '../../support/hub.ts'
import type { HubMood, HubStandIn } from '../../support/hub.ts'

let standIn: HubStandIn
let hub: HubClient
let time = 0
const { signal } = new AbortController()
const nginx = { query: 'nginx', page: 1, pageSize: 25 }

beforeEach(async () => {
  standIn = await startHub()
  time = 0
  hub = createHubClient({ baseUrl: () => `${standIn.url}/`, now: () => time })
})
afterEach(() => standIn.close())

describe('search', () => {
  it('gives cards, page by page', async () => {
    const first = await hub.search(nginx, undefined, signal)
    expect(first).toMatchObject({ total: 57, page: 1, hasMore: true, source: 'hub' })
    expect(first.results[0]).toEqual({ name: 'nginx', description: 'image 0', stars: 1_000, pulls: 1_000_000, official: true, verified: false })
    const last = await hub.search({ ...nginx, page: 3 }, undefined, signal)
    expect(last).toMatchObject({ hasMore: false })
    expect(last.results).toHaveLength(7)
  })
  it('joins pulls of one address with verified publishers of the other', async () => {
    const { results } = await hub.search(nginx, undefined, signal)
    expect(results.slice(0, 3).map(({ name, pulls, verified }) => [name, pulls, verified])).toEqual([
      ['nginx', 1_000_000, false],
      ['acme/nginx-1', 999_999, true],
      ['acme/nginx-2', 999_998, false],
    ])
  })
  it('asks nothing for nothing', async () => {
    expect(await hub.search({ ...nginx, query: '  ' }, undefined, signal)).toMatchObject({ total: 0, results: [] })
    expect(standIn.asked).toEqual([])
  })
  it('remembers an answer for a minute', async () => {
    await hub.search(nginx, undefined, signal)
    await hub.search({ ...nginx, query: ' nginx' }, undefined, signal)
    const once = ['/api/search/v4', '/v2/search/repositories/']
    const paths = () => standIn.asked.map((url) => url.split('?')[0]).sort()
    expect(paths()).toEqual(once)
    time = 61_000
    await hub.search(nginx, undefined, signal)
    expect(paths()).toEqual([...once, ...once].sort())
  })
  it('uses the other search address when the first is gone, badges included', async () => {
    standIn.mood = 'old'
    const { results, source, hasMore } = await hub.search(nginx, undefined, signal)
    expect(source).toBe('hub')
    expect(hasMore).toBe(true)
    expect(results.slice(0, 3).map(({ name, official, verified }) => [name, official, verified])).toEqual([
      ['nginx', true, false],
      ['acme/nginx-1', false, true],
      ['acme/nginx-2', false, false],
    ])
  })
  it('says when it is limited, until when, and does not trouble the engine', async () => {
    standIn.mood = 'limited'
    const searchImages = vi.fn(async () => [])
    await expect(hub.search(nginx, { searchImages }, signal)).rejects.toMatchObject({
      code: 'rate-limited',
      params: { limit: 180, resetAt: 1_893_456_000_000 },
      retryable: true,
    })
    expect(searchImages).not.toHaveBeenCalled()
  })
  it.each<[HubMood, string]>([
    ['html', 'hub.not-json'],
    ['moved', 'hub.redirected'],
    ['odd', 'hub.shape'],
    ['broken', 'hub.status'],
    ['huge', 'hub.too-long'],
  ])('says what is wrong when the answer is %s, or takes what the engine finds', async (mood, hint) => {
    standIn.mood = mood
    await expect(hub.search(nginx, undefined, signal)).rejects.toMatchObject({ code: 'registry.unreachable', hint })
    const searchImages = async () => [{ name: 'docker.io/library/nginx', star_count: 5, is_official: true }]
    expect(await hub.search(nginx, { searchImages }, signal)).toEqual({
      total: 1,
      page: 1,
      hasMore: false,
      source: 'engine',
      results: [{ name: 'nginx', description: '', stars: 5, official: true, verified: false }],
    })
  })
  it('names the registry when nobody answers, and keeps that error when the engine fails too', async () => {
    await standIn.close()
    const searchImages = vi.fn(() => Promise.reject(new Error('dial tcp: no route')))
    await expect(hub.search(nginx, { searchImages }, signal)).rejects.toMatchObject({
      code: 'registry.unreachable',
      params: { registry: new URL(standIn.url).host },
      detail: expect.stringContaining('ECONNREFUSED') as string,
    })
    expect(searchImages).toHaveBeenCalledOnce()
  })
  it('can be given up', async () => {
    standIn.mood = 'slow'
    const stop = new AbortController()
    const search = hub.search(nginx, undefined, stop.signal)
    setTimeout(() => stop.abort(), 20)
    await expect(search).rejects.toMatchObject({ code: 'cancelled' })
  })
})

describe('getJson', () => {
  afterEach(() => vi.unstubAllGlobals())

  it('is not led from a protected connection to an open one', async () => {
    const asked: string[] = []
    vi.stubGlobal('fetch', async (address: URL) => {
      asked.push(address.href)
      return new Response(null, { status: 302, headers: { location: 'http://hub.test/v2/x' } })
    })
    await expect(getJson(new URL('https://hub.test/v2/x'), signal)).rejects.toMatchObject({ code: 'registry.unreachable', hint: 'hub.redirected' })
    expect(asked).toEqual(['https://hub.test/v2/x'])
  })
})

describe('tags', () => {
  const wanted = { repository: 'nginx', page: 1, pageSize: 10, filter: '' }
  it('lists tags with their platforms, attestations left out', async () => {
    const page = await hub.tags(wanted, signal)
    expect(page).toMatchObject({ total: 33, hasMore: true })
    expect(page.results[0]).toEqual({
      name: 'latest',
      updatedAt: Date.parse('2026-01-05T21:06:53.506Z'),
      sizeBytes: 123_456,
      digest: `sha256:${'b'.repeat(64)}`,
      platforms: [
        { os: 'linux', architecture: 'amd64', sizeBytes: 123_456, digest: `sha256:${'a'.repeat(64)}` },
        { os: 'linux', architecture: 'arm64', variant: 'v8', sizeBytes: 123_456, digest: `sha256:${'a'.repeat(64)}` },
      ],
    })
    expect(standIn.asked[0]).toContain('/v2/namespaces/library/repositories/nginx/tags?page=1&page_size=10')
  })
  it('filters', async () => {
    expect((await hub.tags({ ...wanted, filter: 'lat' }, signal)).results.map(({ name }) => name)).toEqual(['latest'])
  })
  it('names the repository nobody knows', async () => {
    await expect(hub.tags({ ...wanted, repository: 'acme/nothing' }, signal)).rejects.toMatchObject({ code: 'not-found', params: { name: 'acme/nothing' } })
  })
  it.each(['registry.example.com/x', 'a/b/c', 'Nginx'])('refuses %s, which the Hub cannot have', async (repository) => {
    await expect(hub.tags({ ...wanted, repository }, signal)).rejects.toMatchObject({ code: 'invalid-reference' })
  })
})

describe('shapes', () => {
  it('survives missing, null and wrong members', () => {
    expect(readSearch({ results: [{ repo_name: 'a/b' }, { star_count: 'x', repo_name: 'c' }, {}, null, 3] })).toMatchObject({
      rows: [{ name: 'a/b', stars: 0, official: false }, { name: 'c', stars: 0 }],
      total: undefined,
    })
    expect(readTags({ results: [{ name: 'x', images: null, last_updated: 'soon' }, { digest: 'y' }], next: '' })).toEqual({
      rows: [{ name: 'x', platforms: [] }],
      total: undefined,
      next: false,
    })
    expect(readSearch([])).toBeNull()
    expect(readSearch({ results: {} })).toBeNull()
  })
})
