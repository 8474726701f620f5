import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readWebArguments } from '../../../main/web/arguments.ts'
import { bootForm, writeBootFile } from '../../../main/web/boot.ts'
import { browserArguments, findBrowser } from '../../../main/web/browser.ts'
import { createSession } from '../../../main/web/session.ts'

describe('session', () => {
  it('takes each token once', () => {
    const session = createSession()
    const token = session.issueToken()
    expect(session.redeem('')).toBe(false)
    expect(session.redeem(`${token}x`)).toBe(false)
    expect(session.redeem(token)).toBe(true)
    expect(session.redeem(token)).toBe(false)
  })

  it('keeps a bounded number of unused tokens, the newest ones', () => {
    const session = createSession()
    const tokens = Array.from({ length: 9 }, () => session.issueToken())
    expect(session.redeem(tokens[0] ?? '')).toBe(false)
    expect(session.redeem(tokens[8] ?? '')).toBe(true)
  })

  it('knows its cookie among others, and only its own', () => {
    const session = createSession()
    const [pair = ''] = session.setCookie().split(';')
    expect(session.holds(pair)).toBe(true)
    expect(session.holds(`a=b; ${pair}; c=d`)).toBe(true)
    expect(session.holds(pair.slice(0, -1))).toBe(false)
    expect(session.holds(`x${pair}`)).toBe(false)
    expect(session.holds('naru')).toBe(false)
    expect(session.holds(undefined)).toBe(false)
    expect(createSession().holds(pair)).toBe(false)
  })
})

describe('boot form', () => {
  it('puts nothing but a token into the page', () => {
    const { html } = bootForm('http://127.0.0.1:1', '"><script>alert(1)</script>', true)
    expect(html).not.toContain('alert')
  })

  it('is written for its owner only', () => {
    const folder = mkdtempSync(join(tmpdir(), 'naru-boot-'))
    const path = join(folder, 'web/boot.html')
    writeBootFile(path, 'http://127.0.0.1:1', 'a'.repeat(43))
    writeBootFile(path, 'http://127.0.0.1:1', 'b'.repeat(43))
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(readFileSync(path, 'utf8')).toContain('b'.repeat(43))
    rmSync(folder, { recursive: true })
  })
})

describe('command line of the web shell', () => {
  it('reads port and --no-open', () => {
    expect(readWebArguments([])).toEqual({ noOpen: false, background: false, port: 0 })
    expect(readWebArguments(['--no-open', '--port', '8123'])).toEqual({ noOpen: true, background: false, port: 8123 })
  })
  it.each([['--port', '65536'], ['--port', 'x'], ['--port', '-1'], ['--what']])('refuses %s %s', (...args) => {
    expect(() => readWebArguments(args)).toThrow()
  })
})

describe('browser', () => {
  it('is looked for by NARU_BROWSER, then on PATH', () => {
    expect(findBrowser({ NARU_BROWSER: process.execPath, PATH: '' })).toBe(process.execPath)
    expect(findBrowser({ NARU_BROWSER: '/no/such/browser', PATH: '/usr/bin' })).toBeUndefined()
    expect(findBrowser({ PATH: '/no/such/folder' })).toBeUndefined()
  })
  it('gives up the sandbox for root only, and shows no token to other users', () => {
    expect(browserArguments('file:///x', '/p', false)).not.toContain('--no-sandbox')
    expect(browserArguments('file:///x', '/p', true)).toContain('--no-sandbox')
    expect(browserArguments('file:///x', '/p', true)).toContain('--user-data-dir=/p')
  })
  it('opens no door to debuggers and switches no wall off', () => {
    for (const root of [false, true]) {
      expect(browserArguments('file:///x', '/p', root).join(' ')).not.toMatch(/remote-debugging|inspect|disable-web-security|allow-file-access|load-extension|ignore-certificate/)
    }
  })
})
