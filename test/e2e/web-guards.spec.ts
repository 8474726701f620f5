/** Who gets into the web shell: every guard is tried from outside, with a plain HTTP client. */
import { createServer, request as httpRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import WebSocket from 'ws'
import { expect, test } from './support/naru.ts'
import { startWebProcess } from './support/shells.ts'
import type { WebProcess } from './support/shells.ts'

interface Answer {
  readonly status: number
  readonly cookie: string | undefined
  readonly headers: Record<string, string | string[] | undefined>
}

/** A request whose path, Host and Origin are sent exactly as given. */
function ask(web: WebProcess, path: string, headers: Record<string, string> = {}, post?: string): Promise<Answer> {
  const { hostname, port } = new URL(web.origin)
  const form: Record<string, string> = post ? { 'content-type': 'application/x-www-form-urlencoded' } : {}
  return new Promise((resolve, reject) => {
    const method = post === undefined ? 'GET' : 'POST'
    const request = httpRequest({ hostname, port, path, method, headers: { ...form, ...headers } }, (response) => {
      response.resume()
      const cookie = response.headers['set-cookie']?.[0]
      resolve({ status: response.statusCode ?? 0, cookie, headers: response.headers })
    })
    request.on('error', reject)
    request.end(post)
  })
}

/** `open`, or the status with which the door stayed shut. */
function link(web: WebProcess, headers: Record<string, string>, path: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = new WebSocket(web.origin.replace('http', 'ws') + path, { headers })
    socket.on('open', () => {
      socket.terminate()
      resolve('open')
    })
    socket.on('unexpected-response', (_request, response) => resolve(String(response.statusCode)))
    socket.on('error', (error) => resolve(error.message))
  })
}

const tokenOf = (web: WebProcess): string => new URL(web.address).searchParams.get('t') ?? ''

/** The session's cookie, and the folder it holds for. */
async function enter(web: WebProcess): Promise<{ cookie: string; room: string }> {
  const answer = await ask(web, '/boot', {}, `t=${tokenOf(web)}`)
  const [, cookie = '', room = ''] = /^([^;]+);.*; Path=(\S+)$/.exec(answer.cookie ?? '') ?? []
  return { cookie, room }
}

const withWeb = test.extend<{ web: WebProcess }>({
  web: async ({ world }, use) => {
    const web = await startWebProcess(world)
    await use(web)
    await web.stop()
  },
})

withWeb('a token opens the door once, for one cookie that scripts and other sites never see', async ({ web }) => {
  expect((await ask(web, '/boot', {}, `t=${'x'.repeat(43)}`)).status).toBe(403)
  expect((await ask(web, '/boot', {}, 't=')).status).toBe(403)
  const first = await ask(web, '/boot', {}, `t=${tokenOf(web)}`)
  expect(first.status).toBe(200)
  expect(first.cookie).toMatch(/^naru=[\w-]{43}; HttpOnly; SameSite=Strict; Path=\/[\w-]{43}\/$/)
  expect((await ask(web, '/boot', {}, `t=${tokenOf(web)}`)).status).toBe(403)
  expect((await ask(web, '/boot', {}, `t=${'x'.repeat(5000)}`)).status).toBe(413)
})

withWeb('nothing is served without the cookie, and everything with it', async ({ web }) => {
  expect((await ask(web, '/')).status).toBe(403)
  expect((await ask(web, '/index.html', { cookie: 'naru=guess' })).status).toBe(403)
  expect((await ask(web, `/?t=${tokenOf(web)}`)).status).toBe(403)
  const { cookie, room } = await enter(web)
  const page = await ask(web, room, { cookie })
  expect(page.status).toBe(200)
  expect(page.headers['x-content-type-options']).toBe('nosniff')
  expect(page.headers['cross-origin-opener-policy']).toBe('same-origin')
  expect((await ask(web, `${room}missing.js`, { cookie })).status).toBe(404)
  expect((await ask(web, '/', { cookie })).status).toBe(404)
  expect((await ask(web, '/index.html', { cookie })).status).toBe(404)
  expect((await ask(web, room, { cookie }, 'x=1')).status).toBe(405)
})

withWeb('another Host is refused, so no name that points here reaches Naru', async ({ web }) => {
  const { cookie, room } = await enter(web)
  for (const host of ['evil.test', 'localhost', `evil.test:${new URL(web.origin).port}`, '127.0.0.1']) {
    expect((await ask(web, room, { cookie, host })).status, host).toBe(421)
    expect((await ask(web, '/boot', { host }, 't=x')).status, host).toBe(421)
    expect(await link(web, { cookie, host, origin: web.origin }, `${room}link`), host).toBe('421')
  }
})

withWeb('another Origin is refused, with or without the cookie', async ({ web }) => {
  const { cookie, room } = await enter(web)
  for (const origin of ['http://evil.test', 'null', 'http://127.0.0.1:1', web.origin.replace('http', 'https')]) {
    expect(await link(web, { cookie, origin }, `${room}link`), origin).toBe('403')
    expect((await ask(web, room, { cookie, origin })).status, origin).toBe(403)
  }
  expect((await ask(web, '/boot', { origin: 'http://evil.test' }, `t=x`)).status).toBe(403)
  expect(await link(web, { cookie }, `${room}link`)).toBe('403')
  expect(await link(web, { origin: web.origin }, `${room}link`)).toBe('403')
  expect(await link(web, { cookie, origin: web.origin }, `${room}other`)).toBe('404')
  expect(await link(web, { cookie, origin: web.origin }, '/link')).toBe('404')
  expect(await link(web, { cookie, origin: web.origin }, `${room}link`)).toBe('open')
})

withWeb('a page of a container on the same host is never sent the cookie', async ({ web, playwright, faults }) => {
  const { CHROMIUM } = await import('./support/environment.ts')
  const seen: (string | undefined)[] = []
  const container = createServer((request, response) => {
    seen.push(request.headers.cookie)
    response.end('page of a container')
  })
  await new Promise<void>((resolve) => container.listen(0, '127.0.0.1', resolve))
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  const browser = await playwright.chromium.launch({ executablePath: CHROMIUM, args })
  try {
    const context = await browser.newContext()
    faults.watch(context)
    const page = await context.newPage()
    await page.goto(web.address)
    await page.waitForURL((url) => url.pathname !== '/boot')
    await page.goto(`http://127.0.0.1:${(container.address() as AddressInfo).port}/`)
    expect(seen.length).toBeGreaterThan(0)
    expect(seen.filter(Boolean)).toEqual([])
  } finally {
    await browser.close()
    container.close()
  }
})

withWeb('no path leads out of the page folder', async ({ web }) => {
  const { cookie, room } = await enter(web)
  const tries = ['/..%2f..%2fpackage.json', '/..%5c..%5cpackage.json', '/%2e%2e%2fweb/web.cjs', '/assets/..%2f..%2fweb/web.cjs', '/a%00.js', '/%zz']
  for (const path of tries) expect((await ask(web, room + path.slice(1), { cookie })).status, path).toBe(403)
  for (const path of ['/../web/web.cjs', '//etc/passwd.txt', '/.stamp.json']) {
    expect([403, 404], path).toContain((await ask(web, room + path.slice(1), { cookie })).status)
  }
})

withWeb('a second start on the same state gets a fresh address from the running one', async ({ web, world }) => {
  await enter(web)
  const second = await startWebProcess(world)
  expect(second.origin).toBe(web.origin)
  expect(second.address).not.toBe(web.address)
  expect((await ask(web, '/boot', {}, `t=${tokenOf(second)}`)).status).toBe(200)
})

withWeb('state is closed to other users and the control socket goes with the shell', async ({ web, world }) => {
  const socket = join(world.home, 'control.sock')
  expect(statSync(world.home).mode & 0o777).toBe(0o700)
  expect(statSync(socket).mode & 0o777).toBe(0o600)
  await web.stop()
  expect(existsSync(socket)).toBe(false)
})

withWeb('the printed address ends on a page whose address holds no token', async ({ web, playwright, world, faults }) => {
  const { CHROMIUM } = await import('./support/environment.ts')
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  const browser = await playwright.chromium.launch({ executablePath: CHROMIUM, args })
  const context = await browser.newContext()
  faults.watch(context)
  const page = await context.newPage()
  await page.goto(web.address)
  await page.waitForURL((url) => url.pathname !== '/boot')
  expect(page.url()).not.toContain(tokenOf(web))
  const further = await context.newPage()
  expect((await further.goto(page.url()))?.status()).toBe(200)
  await browser.close()
  expect(readFileSync(`/proc/${web.child.pid}/cmdline`, 'utf8')).not.toContain(tokenOf(web))
  expect(existsSync(join(world.home, 'web/boot.html'))).toBe(false)
})
