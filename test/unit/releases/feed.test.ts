import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { askFeed, FEED_ADDRESS, FEED_MOST_BYTES, feedAddress, FeedError, readRelease } from '../../../engine/releases/feed.ts'
import { isNewer, isVersion } from '../../../engine/releases/versions.ts'
import { startFeed } from '../../support/release-feed.ts'
import type { FeedStandIn } from '../../support/release-feed.ts'

const { signal } = new AbortController()
let feed: FeedStandIn
beforeEach(async () => (feed = await startFeed()))
afterEach(() => feed.close())
const ask = (): Promise<unknown> => askFeed(new URL(feed.url), '0.1.0', signal)

describe('the feed', () => {
  it('is asked for with nothing but the name and version of the program', async () => {
    feed.tell('0.2.0')
    expect(await ask()).toEqual({ version: '0.2.0', notes: feed.url.replace('releases.json', 'notes/0.2.0') })
    expect(feed.asked).toEqual([{ method: 'GET', url: '/releases.json', headers: { host: new URL(feed.url).host, accept: 'application/json', 'user-agent': 'Naru/0.1.0', connection: 'close' } }])
  })

  it.each([
    ['leads elsewhere', 302, '', { location: 'https://elsewhere.example.invalid/' }],
    ['is not there', 404, '{}', {}],
    ['is a web page', 200, '<html>', {}],
    ['is too long', 200, `{"version":"9.9.9","notes":"${'x'.repeat(FEED_MOST_BYTES)}"}`, {}],
  ])('is not believed when it %s', async (_what, status, body, headers) => {
    feed.answer = (response) => void response.writeHead(status, headers).end(body)
    await expect(ask()).rejects.toMatchObject({ kind: 'unusable' })
    expect(feed.asked).toHaveLength(1)
  })

  it('is unreachable when the line is cut, nobody listens, or the look was given up', async () => {
    feed.answer = (response) => {
      response.writeHead(200, { 'content-length': '100' })
      response.write('{')
      setImmediate(() => response.destroy())
    }
    await expect(ask()).rejects.toMatchObject({ kind: 'unreachable' })
    feed.answer = 'hang'
    await expect(askFeed(new URL(feed.url), '0.1.0', AbortSignal.timeout(20))).rejects.toMatchObject({ kind: 'unreachable' })
    await feed.close()
    await expect(ask()).rejects.toMatchObject({ kind: 'unreachable' })
  })

  it.each([
    '{}', '[]', 'null', '"0.2.0"', '{"version":"0.2.0"}',
    '{"version":"0.2.0","notes":"https://feed.example.invalid/n","more":1}',
    '{"version":2,"notes":"https://feed.example.invalid/n"}',
    '{"version":"0.2.0-beta","notes":"https://feed.example.invalid/n"}',
    '{"version":"0.2.0","notes":"https://other.example.invalid/n"}',
    '{"version":"0.2.0","notes":"http://feed.example.invalid/n"}',
    '{"version":"0.2.0","notes":"https://a:b@feed.example.invalid/n"}',
    '{"version":"0.2.0","notes":"javascript:alert(1)"}',
    `{"version":"0.2.0","notes":"https://feed.example.invalid/${'n'.repeat(300)}"}`,
  ])('is refused in any other shape (%#)', (text) => {
    expect(() => readRelease(text, new URL('https://feed.example.invalid/releases.json'))).toThrow(FeedError)
  })

  it('never throws anything else, whatever comes, and hands out pages of its own host only', () => {
    const at = new URL('https://feed.example.invalid/releases.json')
    const record = fc.record({ version: fc.oneof(fc.constant('1.2.3'), fc.string()), notes: fc.oneof(fc.constant(`${at.origin}/n`), fc.webUrl(), fc.string()) })
    const value = fc.oneof(fc.string(), fc.json({ maxDepth: 2 }), record.map((one) => JSON.stringify(one)))
    fc.assert(fc.property(value, (text) => {
      try {
        expect(new URL(readRelease(text, at).notes).origin).toBe(at.origin)
      } catch (error) {
        expect(error).toBeInstanceOf(FeedError)
      }
    }))
  })

  it('has one address; another one is taken of this machine only', () => {
    expect(FEED_ADDRESS).toMatch(/^https:\/\//)
    const of = (given?: string): string => feedAddress(given === undefined ? {} : { NARU_RELEASE_FEED: given }).href
    for (const foreign of [undefined, '', 'https://other.example.invalid/', 'http://127.0.0.1.example.invalid/', 'http://localhost:1/', 'ftp://127.0.0.1/', 'http://10.0.0.1/']) expect(of(foreign), foreign).toBe(FEED_ADDRESS)
    expect(of('http://127.0.0.1:8080/f')).toBe('http://127.0.0.1:8080/f')
    expect(of('http://[::1]:8080/f')).toBe('http://[::1]:8080/f')
  })
})

describe('versions', () => {
  it('are three numbers', () => {
    for (const good of ['0.0.0', '1.20.300', '10.0.999999']) expect(isVersion(good)).toBe(true)
    for (const bad of ['', '1', '1.2', '1.2.3.4', '01.2.3', '1.2.3-rc', ' 1.2.3', '1.2.3\n', '1.2.1000000', 1, null]) expect(isVersion(bad), String(bad)).toBe(false)
  })

  it('come one after the other as numbers', () => {
    expect(isNewer('0.10.0', '0.9.9')).toBe(true)
    expect(isNewer('1.0.0', '1.0.0')).toBe(false)
    expect(isNewer('0.9.9', '0.10.0')).toBe(false)
    expect(isNewer('nonsense', '0.1.0')).toBe(false)
    const version = fc.tuple(fc.nat(999_999), fc.nat(999_999), fc.nat(999_999)).map((parts) => parts.join('.'))
    fc.assert(fc.property(version, version, (a, b) => [isNewer(a, b), isNewer(b, a)].filter(Boolean).length === (a === b ? 0 : 1)))
  })
})
