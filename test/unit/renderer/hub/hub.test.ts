import { describe, expect, it } from 'vitest'
import type { ErrorEnvelope } from '../../../../engine/contract/errors.ts'
import type { HubTag, ImageRow } from '../../../../engine/contract/models.ts'
import { createHaveIndex, haveOf } from '../../../../renderer/screens/Hub/have.ts'
import { compactNumber } from '../../../../renderer/screens/Hub/numbers.ts'
import { archSummary, normalArch, sizeFor } from '../../../../renderer/screens/Hub/platforms.ts'
import { hubProblem, limitEnds, waitLeft } from '../../../../renderer/screens/Hub/problem.ts'
import { readQuery, readReference } from '../../../../renderer/screens/Hub/query.ts'

describe('compactNumber', () => {
  it.each([
    [0, '0'], [912, '912'], [999, '999'], [1_000, '1k'], [1_049, '1k'], [20_912, '20.9k'], [118_000, '118k'], [999_999, '999k'],
    [1_000_000, '1M'], [1_300_000_000, '1.3B'], [12_000_000_000, '12B'], [-5, '0'], [3.7, '3'],
  ])('%i is %s', (value, text) => expect(compactNumber(value)).toBe(text))
})

describe('readQuery', () => {
  it.each([
    ['nginx', 'nginx', null],
    ['web server', 'web server', null],
    ['  nginx  ', 'nginx', null],
    ['bitnami/nginx', 'bitnami/nginx', null],
    ['nginx:1.27', 'nginx', 'nginx:1.27'],
    ['docker.io/nginx', 'nginx', 'nginx:latest'],
    ['ghcr.io/x/y', '', 'ghcr.io/x/y:latest'],
    ['localhost:5000/team/app:1', '', 'localhost:5000/team/app:1'],
    ['docker pull nginx:1.27', 'nginx', 'nginx:1.27'],
    ['docker pull -q redis', 'redis', 'redis:latest'],
    ['Nginx', 'Nginx', null],
    ['', '', null],
  ])('%s', (typed, search, reference) => {
    const query = readQuery(typed)
    expect([query.search, query.reference?.familiar ?? null]).toEqual([search, reference])
  })
  it('asks for no more than fits', () => expect(readQuery('x y'.repeat(200)).search).toHaveLength(200))
  it('shows the full form', () => {
    expect(readReference('nginx')).toEqual({ familiar: 'nginx:latest', full: 'docker.io/library/nginx:latest', domain: 'docker.io', onHub: true })
    expect(readReference('a b')).toBeNull()
  })
})

describe('hubProblem', () => {
  const error = (more: Partial<ErrorEnvelope>): ErrorEnvelope => ({ code: 'registry.unreachable', message: '', retryable: true, ...more })
  it.each([
    [error({ detail: 'getaddrinfo ENOTFOUND hub.docker.com' }), 'offline'],
    [error({ detail: 'connect ENETUNREACH 1.2.3.4:443' }), 'offline'],
    [error({ detail: 'connect ECONNREFUSED 1.2.3.4:443' }), 'unreachable'],
    [error({ hint: 'hub.timeout' }), 'slow'],
    [error({ code: 'timeout' }), 'slow'],
    [error({ hint: 'hub.not-json', detail: '<html>' }), 'proxy'],
    [error({ hint: 'hub.redirected' }), 'proxy'],
    [error({ hint: 'hub.status', detail: 'HTTP 407 Proxy Authentication Required' }), 'proxy'],
    [error({ detail: 'self-signed certificate in certificate chain' }), 'proxy'],
    [error({ hint: 'hub.status', detail: 'HTTP 503 <html>' }), 'broken'],
    [error({ hint: 'hub.shape' }), 'broken'],
    [error({ code: 'rate-limited' }), 'limited'],
    [error({ code: 'unauthorized' }), 'refused'],
    [error({ code: 'internal' }), 'other'],
  ])('%o', (envelope, kind) => expect(hubProblem(envelope, true)).toBe(kind))
  it('believes a browser that says it is offline', () => expect(hubProblem(error({ hint: 'hub.timeout' }), false)).toBe('offline'))
  it('knows when a limit ends', () => {
    expect(limitEnds(error({ params: { resetAt: 5_000 } }))).toBe(5_000)
    expect(limitEnds(error({}))).toBeNull()
    expect([waitLeft(5_000, 3_400), waitLeft(5_000, 9_000)]).toEqual([2_000, 0])
  })
})

describe('what the engine has', () => {
  const digest = (letter: string): string => `sha256:${letter.repeat(64)}`
  const image = (id: string, tags: readonly string[], digests: readonly string[]): ImageRow => ({
    id, tags, digests, createdAt: 0, sizeBytes: 0, dangling: tags.length === 0, labels: {},
  })
  const tag = (name: string, own?: string, platform?: string): HubTag => ({
    name,
    ...(own && { digest: own }),
    platforms: platform ? [{ os: 'linux', architecture: 'amd64', digest: platform }] : [],
  })
  const index = createHaveIndex([
    image('one', ['nginx:1.27', 'web:1'], [`nginx@${digest('a')}`]),
    image('two', ['local/built:1'], []),
    image('three', ['ghcr.io/nginx/nginx:1'], [`ghcr.io/nginx/nginx@${digest('b')}`]),
    image('four', [], [`redis@${digest('c')}`]),
  ])
  it('knows repositories of the Hub only', () => {
    expect(['nginx', 'redis', 'local/built', 'nginx/nginx', 'postgres'].map(index.repository)).toEqual([true, true, true, false, false])
  })
  it('tells same, other name, other content and unknown apart', () => {
    expect(index.tag('nginx', tag('1.27', digest('a')))).toBe('same')
    expect(index.tag('nginx', tag('1.27', digest('f'), digest('a')))).toBe('same')
    expect(index.tag('nginx', tag('latest', digest('a')))).toBe('content')
    expect(index.tag('nginx', tag('1.27', digest('f')))).toBe('other')
    expect(index.tag('nginx', tag('1.27'))).toBe('tag')
    expect(index.tag('local/built', tag('1', digest('f')))).toBe('tag')
    expect(index.tag('nginx', tag('1.26', digest('f')))).toBeNull()
    expect(index.imageId('redis', tag('7', digest('c')))).toBe('four')
  })
  it('calls a tag older when the Hub’s was pushed after it was made', () => {
    const made = createHaveIndex([{ ...image('one', ['nginx:1.27'], [`nginx@${digest('a')}`]), createdAt: 5_000 }])
    const pushed = (updatedAt: number): HubTag => ({ ...tag('1.27', digest('f')), updatedAt })
    expect(made.tag('nginx', pushed(5_001))).toBe('older')
    expect(made.tag('nginx', pushed(4_999))).toBe('other')
    expect(made.tag('nginx', { ...tag('1.27', digest('a')), updatedAt: 9_000 })).toBe('same')
  })
  it('says the best of a row of several tags, and of which', () => {
    const row = [tag('1.26', digest('f')), tag('latest', digest('a')), tag('1.27', digest('a'))]
    expect(haveOf(index, 'nginx', row)).toMatchObject({ have: 'same', tag: { name: '1.27' }, imageId: 'one' })
    expect(haveOf(index, 'nginx', row.slice(0, 2))).toMatchObject({ have: 'content', tag: { name: 'latest' } })
    expect(haveOf(index, 'nginx', row.slice(0, 1))).toBeNull()
  })
})

describe('archSummary', () => {
  const platforms = ['386', 'arm64', 's390x', 'amd64'].map((architecture) => ({ os: 'linux', architecture, sizeBytes: architecture.length }))
  it('puts the engine’s own first', () => {
    expect(archSummary(platforms, 'x86_64')).toMatchObject({ shown: ['amd64', 'arm64'], more: 2, fits: true })
    expect(archSummary(platforms, 's390x').shown).toEqual(['s390x', 'amd64'])
    expect(archSummary(platforms, 'riscv64').fits).toBe(false)
    expect(archSummary(platforms, '').fits).toBeNull()
    expect(archSummary([], 'amd64').fits).toBeNull()
  })
  it('knows other names of one architecture, variants and systems', () => {
    expect(normalArch('aarch64')).toBe('arm64')
    expect(archSummary([{ os: 'windows', architecture: 'amd64' }, { os: 'linux', architecture: 'arm', variant: 'v7' }], '').all).toEqual(['windows/amd64', 'arm/v7'])
  })
  it('tells the size for the engine’s own', () => {
    expect(sizeFor({ name: 'x', sizeBytes: 99, platforms }, 's390x')).toBe(5)
    expect(sizeFor({ name: 'x', sizeBytes: 99, platforms: [] }, 'amd64')).toBe(99)
  })
})
