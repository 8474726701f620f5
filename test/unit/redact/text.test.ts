import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createKnownSecrets, maskerOf, secretsIn } from '../../../engine/redact/known.ts'
import { MASK } from '../../../engine/redact/rules.ts'
import { redactData, redactText } from '../../../engine/redact/text.ts'

/** Places of a secret in text, as engines, tools and people write them. */
const PLACES: readonly (readonly [string, (secret: string) => string])[] = [
  ['an address', (s) => `proxy http://user:${s}@proxy:3128 refused`],
  ['an address with an at sign', (s) => `git clone https://me:a@${s}@host/x.git`],
  ['a token for a user', (s) => `fetch https://${s}0123456789abcdef@host/x.git`],
  ['a query', (s) => `GET https://host/v2/?a=1&access_token=${s}&b=2 HTTP/1.1`],
  ['a variable', (s) => `DB_PASSWORD=${s}`],
  ['a quoted variable', (s) => `export API_KEY="${s}" && x`],
  ['a sentence', (s) => `login failed, password: ${s}, user: ada`],
  ['a flag', (s) => `dockerd --registry-token ${s} --debug`],
  ['a flag with a sign', (s) => `x --password=${s} y`],
  ['JSON', (s) => `{"username":"ada","password":"${s}","n":1}`],
  ['JSON in JSON', (s) => JSON.stringify({ error: JSON.stringify({ identitytoken: s }) })],
  ['logfmt', (s) => `level=error msg="x" token=${s} host=y`],
  ['a header', (s) => `Authorization: Basic ${s}`],
  ['a header of docker', (s) => `X-Registry-Auth: ${s}`],
  ['a bearer', (s) => `sent Bearer ${s} to host`],
  ['a cookie', (s) => `Set-Cookie: naru=${s}; HttpOnly`],
  ['the environment of an answer, whatever its name', (s) => `{"Config":{"Env":["PLAIN=${s}","PATH=/bin"]}}`],
  ['a private key', (s) => `-----BEGIN RSA PRIVATE KEY-----\n${s}\n-----END RSA PRIVATE KEY-----`],
]
const WORD = fc.stringMatching(/^[A-Za-z0-9_+-]{12,40}$/).chain((text) => fc.constantFrom('Z', '1', 'no', 'true', '0').map((first) => `${first}${text}9`))

describe('free text', () => {
  it.each(PLACES)('loses a secret in %s, and what stands around it stays', (name, place) => {
    fc.assert(
      fc.property(WORD, fc.constantFrom('', 'before ', 'a=b\n', 'failed: ', 'msg='), fc.constantFrom('', ...(name.startsWith('a header') || name === 'a cookie' ? [] : [' after']), '\nnext line'), (secret, before, after) => {
        const text = redactText(`${before}${place(secret)}${after}`)
        expect(text).not.toContain(secret)
        expect(text).toContain(MASK)
        expect(text.startsWith(before)).toBe(true)
        expect(text.endsWith(after)).toBe(true)
      }),
    )
  })
  it('is the same when it is done again, whatever the text', () => {
    const piece = fc.oneof(fc.string(), fc.tuple(fc.constantFrom(...PLACES), WORD).map(([[, place], secret]) => place(secret)), fc.constantFrom('=', ':', '@', '"', '--', 'password', 'token ', '://', MASK))
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const once = redactText(pieces.join(''))
        expect(redactText(once)).toBe(once)
      }),
      { numRuns: 500 },
    )
  })
  it.each([
    'time="2026-11-27T10:00:00Z" level=info msg="Loading containers: done."',
    'Get "https://registry-1.docker.io/v2/": dial tcp: lookup registry-1.docker.io: no such host',
    'failed to solve: process "/bin/sh -c npm ci" did not complete successfully: exit code: 1',
    'invalid reference format: repository name must be lowercase',
    'PASSWORD_FILE=/run/secrets/db TOKEN_URL=http://x/y key=true',
    'sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    'unauthorized: authentication required',
  ])('without secrets stays: %s', (text) => {
    expect(redactText(text)).toBe(text)
  })
  it('is read in one go: hostile text costs no more than its length', () => {
    const hostile = ['http://a:', '"Env":["', 'password=', '-----BEGIN PRIVATE KEY-----', '--a ', '\\"', 'eyJa.eyJ', 'a.', 'x', 'xxxxxxxxxx '].map((each) => each.repeat(20_000))
    const since = performance.now()
    for (const text of hostile) redactText(text)
    expect(performance.now() - since).toBeLessThan(3_000)
  })
})

describe('data', () => {
  it('loses texts under names of secrets and in texts; numbers, keys and the rest stay', () => {
    expect(redactData({ a: 1, token: 'x', list: ['http://a:b@c/', null], deep: { ok: true, password: '' } })).toEqual({ a: 1, token: MASK, list: [`http://a:${MASK}@c/`, null], deep: { ok: true, password: '' } })
  })
})

describe('known values', () => {
  it('are hidden wherever they stand: plain, in an address, in JSON, in base64', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 8, maxLength: 60 }).map((text) => `${text}aZ9"`), (secret) => {
        const mask = maskerOf([secret])
        const all = ['x ', secret, encodeURIComponent(secret), JSON.stringify({ a: secret }), JSON.stringify(JSON.stringify({ a: secret })), Buffer.from(secret).toString('base64')].join(' | ')
        const text = mask(all)
        for (const form of [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64').replace(/=+$/, '')]) expect(text).not.toContain(form)
        expect(mask(text)).toBe(text)
      }),
    )
  })
  it('that are plain words or short are left: they stand in too many places', () => {
    expect(maskerOf(['postgres', 'a1', 'password'])('docker run postgres, password a1')).toBe('docker run postgres, password a1')
  })
  it('are found in the argument of an operation by name, by shape and in addresses', () => {
    const spec = {
      image: 'https://me:imagePw77@host/x', name: 'web-1234567890abcdef1234', env: [{ name: 'DB_PASSWORD', value: 'one' }, { name: 'PLAIN', value: 'shop' }, { name: 'X', value: 'q7Zk2mW9xT4vB8nR3pL6' }, { name: 'URL', value: 'http://u:p@ss@h/' }],
      labels: { 'api.token': 'two', kind: 'shop' }, command: ['--db-password=three', 'run'],
    }
    expect(secretsIn({ engineId: 'a'.repeat(64), spec })).toEqual(['imagePw77', 'one', 'q7Zk2mW9xT4vB8nR3pL6', 'p@ss', 'two', 'three'])
  })
  it('are remembered up to a bound, the newest ones', () => {
    const known = createKnownSecrets()
    known.learn(Array.from({ length: 2_500 }, (_, index) => `Secret-number-${index}-`))
    expect(known.redact('Secret-number-2499-')).toBe(MASK)
    expect(known.redact('Secret-number-0-')).toBe('Secret-number-0-')
  })
})
