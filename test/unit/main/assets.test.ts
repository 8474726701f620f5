import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { contentSecurityPolicy, createAssets, resolveAsset, withNonce } from '../../../main/assets.ts'

let root = ''
const get = (path: string, method = 'GET'): Promise<Response> => createAssets(root)(new Request(`http://host${path}`, { method }))

beforeAll(() => {
  root = join(mkdtempSync(join(tmpdir(), 'naru-assets-')), 'page')
  mkdirSync(join(root, 'assets'), { recursive: true })
  writeFileSync(join(root, 'index.html'), '<!doctype html><html><head><meta name="csp-nonce" content="" /></head></html>')
  writeFileSync(join(root, 'assets/index-AbCd1234.js'), 'export {}')
  writeFileSync(join(root, 'favicon.svg'), '<svg/>')
  writeFileSync(join(root, '../secret.txt'), 'secret')
})
afterAll(() => rmSync(join(root, '..'), { recursive: true }))

describe('createAssets', () => {
  it('gives the page a nonce of its own, in header and meta alike', async () => {
    const [first, second] = await Promise.all([get('/'), get('/index.html')])
    const nonce = /'nonce-([^']+)'/.exec(first.headers.get('content-security-policy') ?? '')?.[1] ?? ''
    expect(await first.text()).toContain(`<meta name="csp-nonce" content="${nonce}">`)
    expect(first.headers.get('content-security-policy')).toBe(contentSecurityPolicy(nonce))
    expect(second.headers.get('content-security-policy')).not.toContain(nonce)
    expect(first.headers.get('cache-control')).toBe('no-store')
  })

  it('serves routes of the page as the page', async () => {
    expect((await get('/log-window/native/abc')).headers.get('content-type')).toBe('text/html; charset=utf-8')
  })

  it('names types, forbids sniffing and keeps hashed files', async () => {
    const script = await get('/assets/index-AbCd1234.js')
    expect(script.headers.get('content-type')).toBe('text/javascript; charset=utf-8')
    expect(script.headers.get('x-content-type-options')).toBe('nosniff')
    expect(script.headers.get('cache-control')).toContain('immutable')
    expect((await get('/favicon.svg')).headers.get('cache-control')).toBe('no-cache')
  })

  it.each([
    ['/missing.js', 'GET', 404],
    ['/..%2fsecret.txt', 'GET', 403],
    ['/assets/..%2f..%2fsecret.txt', 'GET', 403],
    ['/%5c..%5csecret.txt', 'GET', 403],
    ['/a%00.js', 'GET', 403],
    ['/%zz.js', 'GET', 403],
    ['/', 'POST', 405],
    ['/', 'DELETE', 405],
  ])('answers %s %s with %i', async (path, method, status) => {
    expect((await get(path, method)).status).toBe(status)
  })
})

describe('resolveAsset', () => {
  it('never leaves its root', () => {
    for (const path of ['/../x', '/a/../../x', '..', '/..', '//../x', '/%2e%2e/x']) {
      const file = resolveAsset('/srv/page', path)
      expect(file === undefined || file.startsWith('/srv/page/'), path).toBe(true)
    }
  })
})

describe('withNonce', () => {
  it('adds the meta when the page has none', () => {
    expect(withNonce('<head><title>x</title></head>', 'n')).toBe('<head><meta name="csp-nonce" content="n"><title>x</title></head>')
  })
})
