import { createServer } from 'node:http'
import type { Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeAll, afterAll, describe, expect, it } from 'vitest'
import type { NaruError } from '../../../engine/contract/errors.ts'
import { askRealms } from '../../../engine/registries/realm-ask.ts'
import type { RealmFinding } from '../../../engine/registries/realm-ask.ts'
import { createRealmGuard } from '../../../engine/registries/realm-guard.ts'
import { isInternal, realmProblem, realmsIn, registeredDomain } from '../../../engine/registries/realm.ts'
import { makeCertificates } from '../../support/certificates.ts'

const never = new AbortController().signal

describe('the realm in a challenge', () => {
  it.each([
    ['Bearer realm="https://auth.docker.io/token",service="registry.docker.io"', ['https://auth.docker.io/token']],
    ['bearer service=x , Realm = https://a.example/t', ['https://a.example/t']],
    ['Basic realm="https://not.a.place/"', []],
    ['Basic realm="x", Bearer realm="https://a.example/t"', ['https://a.example/t']],
    // Words in a text are no scheme: the realm after them is the bearer's.
    ['Bearer service=", basic a=", realm="https://evil.example/"', ['https://evil.example/']],
    ['Bearer realm="https://a.example/",realm="https://b.example/"', ['https://a.example/', 'https://b.example/']],
    ['Bearer realm="https://a.example/\\"quoted\\""', ['https://a.example/"quoted"']],
    ['Negotiate', []],
    ['', []],
  ])('%s', (challenge, realms) => {
    expect(realmsIn(challenge)).toEqual(realms)
  })
  it('is looked for in any bytes without an end to it, or a throw', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 6_000 }), (text) => void realmsIn(text)))
    const part = fc.constantFrom('realm', 'Basic ', '=', '"', '\\', ',', ' ', '\n', 'https://a.test/')
    fc.assert(fc.property(fc.array(part, { maxLength: 2_000 }), (parts) => void realmsIn(`Bearer ${parts.join('')}`)))
    // Long and never closed: read once, not once from each place.
    const began = performance.now()
    realmsIn(`Bearer ${'realm="\\'.repeat(100_000)}`)
    expect(performance.now() - began).toBeLessThan(1_000)
  })
})

describe('a place a login would go to', () => {
  const judge = (registry: string, realm: string, more: { readonly isPublic?: boolean; readonly inside?: boolean } = {}) =>
    realmProblem({ registry: new URL(registry), realm: new URL(realm), registryIsPublic: more.isPublic ?? true, realmIsInternal: more.inside ?? false })

  it('is the registry’s own, or of its domain', () => {
    for (const [registry, realm] of [
      ['https://ghcr.io/v2/', 'https://ghcr.io/token'],
      ['https://registry-1.docker.io/v2/', 'https://auth.docker.io/token'],
      ['https://registry.gitlab.com/v2/', 'https://gitlab.com/jwt/auth'],
      ['https://reg.example.co.uk/v2/', 'https://auth.example.co.uk/'],
      ['https://reg.example:5000/v2/', 'https://reg.example:5001/auth'],
      ['http://127.0.0.1:5000/v2/', 'http://127.0.0.1:5001/auth'],
      ['http://127.0.0.1:5000/v2/', 'https://127.0.0.1/auth'],
    ] as const) expect(judge(registry, realm), `${registry} ${realm}`).toBeNull()
  })
  it('is foreign when neither holds', () => {
    for (const [registry, realm] of [
      ['https://registry.example.com/v2/', 'https://example.com.evil.test/'],
      ['https://registry.example.com/v2/', 'https://evilexample.com/'],
      ['https://a.co.uk/v2/', 'https://b.co.uk/'],
      ['https://reg.a.or.kr/v2/', 'https://reg.b.or.kr/'],
      ['https://mine.azurecr.io/v2/', 'https://theirs.azurecr.io/'],
      ['https://1.dkr.ecr.eu.amazonaws.com/v2/', 'https://evil.s3.amazonaws.com/'],
      ['https://registry/v2/', 'https://other/'],
      ['https://192.0.2.1/v2/', 'https://198.51.2.1/'],
      ['http://127.0.0.1:5000/v2/', 'http://127.0.0.2:5000/'],
    ] as const) expect(judge(registry, realm), `${registry} ${realm}`).toBe('foreign')
  })
  it('is never reached without TLS from a registry with it, nor by another scheme', () => {
    expect(judge('https://ghcr.io/v2/', 'http://ghcr.io/token')).toBe('open')
    expect(judge('https://ghcr.io/v2/', 'http://evil.test/token')).toBe('open')
    expect(judge('http://127.0.0.1:5000/v2/', 'ftp://127.0.0.1/token')).toBe('open')
  })
  it('is not inside when the registry is outside', () => {
    expect(judge('https://reg.example.com/v2/', 'https://reg.example.com/', { inside: true })).toBe('internal')
    expect(judge('https://reg.example.com/v2/', 'https://169.254.169.254/', { inside: true })).toBe('internal')
    expect(judge('https://reg.corp.example/v2/', 'https://reg.corp.example/', { isPublic: false, inside: true })).toBeNull()
  })
  it('knows addresses that are none of the internet', () => {
    const inside = ['127.0.0.1', '127.9.9.9', '10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1', '169.254.169.254', '100.64.0.1', '0.0.0.0', '::1', '::', 'fe80::1', 'fe80::1%eth0', 'fd00::1', '::ffff:127.0.0.1', '::ffff:10.0.0.1', '224.0.0.1', '255.255.255.255']
    expect(inside.filter((address) => !isInternal(address))).toEqual([])
    const outside = ['1.1.1.1', '172.32.0.1', '172.15.0.1', '192.169.0.1', '100.128.0.1', '2606:4700::1111', '::ffff:8.8.8.8', '', 'reg.example']
    expect(outside.filter(isInternal)).toEqual([])
  })
  it('has a domain that somebody registered, or none', () => {
    expect(['a.b.example.com', 'example.com.', 'x.y.co.kr', 'a.ne.jp'].map(registeredDomain)).toEqual(['example.com', 'example.com', 'y.co.kr', 'a.ne.jp'])
    expect(['co.uk', 'localhost', '10.0.0.1', '[::1]', 'me.github.io', 'a.b.run.app'].map(registeredDomain)).toEqual([null, null, null, null, null, null])
  })
})

describe('a registry that is asked', () => {
  const servers: Server[] = []
  let folder: string
  let tls: { readonly key: Buffer; readonly cert: Buffer }
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'naru-realm-'))
    const { key, certificate } = await makeCertificates(folder, '127.0.0.1')
    tls = { key: await readFile(key), cert: await readFile(certificate) }
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))
  afterEach(() => {
    for (const server of servers.splice(0)) {
      server.close()
      server.closeAllConnections()
    }
  })
  /** Answers of one server, by path. */
  async function serve(answers: (path: string) => readonly [number, Record<string, string>], secure = false): Promise<string> {
    const handle: Parameters<typeof createServer>[1] = (asked, answer) => {
      expect(asked.headers.authorization).toBeUndefined()
      const [status, headers] = answers(asked.url ?? '')
      answer.writeHead(status, headers).end('{}')
    }
    const server = secure ? createTlsServer(tls, handle) : createServer(handle)
    servers.push(server)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return `127.0.0.1:${(server.address() as AddressInfo).port}`
  }
  const bearer = (realm: string) => [401, { 'www-authenticate': `Bearer realm="${realm}"` }] as const

  it('tells over TLS of any authority, and over HTTP where there is no TLS', async () => {
    for (const secure of [true, false]) {
      // An address, not a name: what answers for names may keep one waiting.
      const registry = await serve(() => bearer('https://192.0.2.7/token?account=x'), secure)
      expect(await askRealms(registry, never)).toEqual([{ problem: 'foreign', realm: '192.0.2.7', address: 'https://192.0.2.7/token' }])
    }
    const secure = await serve(() => bearer('http://127.0.0.1:1/token'), true)
    expect(await askRealms(secure, never)).toEqual([{ problem: 'open', realm: '127.0.0.1:1', address: 'http://127.0.0.1:1/token' }])
    const own = await serve(() => bearer('http://127.0.0.1:1/token'))
    expect(await askRealms(own, never)).toEqual([])
    expect(await askRealms(await serve(() => [200, {}]), never)).toEqual([])
  })
  it('is followed to itself, and told when it leads elsewhere or in circles', async () => {
    const itself = await serve((path) => (path === '/v2/' ? [307, { location: '/other/' }] : bearer('http://127.0.0.2:1/')))
    expect(await askRealms(itself, never)).toMatchObject([{ problem: 'foreign', realm: '127.0.0.2:1' }])
    const elsewhere = await serve(() => [301, { location: 'http://localhost:1/v2/' }])
    expect(await askRealms(elsewhere, never)).toMatchObject([{ problem: 'foreign', realm: 'localhost:1' }])
    const lower = await serve(() => [308, { location: 'http://127.0.0.1:1/v2/' }], true)
    expect(await askRealms(lower, never)).toMatchObject([{ problem: 'open' }])
    expect(await askRealms(await serve(() => [302, { location: '/v2/' }]), never)).toEqual([])
  })
  it('passes when it cannot be reached, and the question ends when nobody waits for it', async () => {
    expect(await askRealms('127.0.0.1:1', never)).toBeNull()
    expect(await askRealms('not a host', never)).toBeNull()
    const gone = new AbortController()
    const asked = askRealms(await serve(() => [200, {}]), gone.signal)
    gone.abort()
    await expect(asked).rejects.toBeDefined()
  })
})

describe('the guard of logins', () => {
  const foreign: RealmFinding = { problem: 'foreign', realm: 'auth.test', address: 'https://auth.test/token' }
  const refusal = (work: Promise<void>): Promise<NaruError> => work.then(() => expect.fail('it passed'), (error: NaruError) => error)

  it('refuses a foreign realm with both names until it is allowed, for that registry alone', async () => {
    const allowed = [{ registry: 'other.test', realm: 'auth.test' }]
    const guard = createRealmGuard({ allowed: () => allowed, ask: async () => [foreign] })
    expect(await refusal(guard('reg.test', never))).toMatchObject({ code: 'denied', hint: 'registry.realm-foreign', params: { registry: 'reg.test', realm: 'auth.test' } })
    allowed.push({ registry: 'reg.test', realm: 'auth.test' })
    await guard('reg.test', never)
    await guard('other.test', never)
  })
  it.each(['open', 'internal'] as const)('never lets what is %s be allowed, and tells it before what could be', async (problem) => {
    const guard = createRealmGuard({ allowed: () => [{ registry: 'reg.test', realm: 'bad.test' }], ask: async () => [foreign, { ...foreign, problem, realm: 'bad.test' }] })
    expect(await refusal(guard('reg.test', never))).toMatchObject({ hint: `registry.realm-${problem}`, params: { realm: 'bad.test' } })
  })
  it('asks again after a while, lets pass who is silent, and never asks the Hub', async () => {
    let now = 0
    const asked: string[] = []
    const ask = async (registry: string): Promise<null> => {
      asked.push(registry)
      return null
    }
    const guard = createRealmGuard({ allowed: () => [], now: () => now, ask })
    await guard('reg.test', never)
    await guard('reg.test', never)
    await guard('docker.io', never)
    now = 16_000
    await guard('reg.test', never)
    expect(asked).toEqual(['reg.test', 'reg.test'])
  })
})
