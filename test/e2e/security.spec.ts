/** The facts of both shells' fence, asked from inside the page and, in Electron, from the main process. */
import { expect, test } from './support/naru.ts'
import type { Page } from '@playwright/test'

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'nonce-…'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  'trusted-types vue',
].join('; ')

/** The policy a load came with, and the nonce in it and in the page. */
async function policy(page: Page): Promise<{ text: string; nonce: string; meta: string }> {
  const response = await page.reload()
  const header = response?.headers()['content-security-policy'] ?? ''
  const nonce = /'nonce-([^']+)'/.exec(header)?.[1] ?? ''
  const meta = await page.evaluate(
    () => document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? '',
  )
  return { text: header.replace(nonce, '…'), nonce, meta }
}

test('the page comes with the strict policy and a nonce of its own per load', async ({ page }) => {
  const first = await policy(page)
  expect(first.text).toBe(POLICY)
  expect(first.nonce.length).toBeGreaterThan(20)
  expect(first.meta).toBe(first.nonce)
  expect((await policy(page)).nonce).not.toBe(first.nonce)
})

test('inline scripts, eval, HTML strings and foreign requests do not work', async ({ page, faults }) => {
  const outcome = await page.evaluate(async () => {
    const attempt = (act: () => unknown): string => {
      try {
        act()
        return 'done'
      } catch (error) {
        return (error as Error).name
      }
    }
    const script = document.createElement('script')
    const inline = attempt(() => (script.textContent = 'window.broken = true'))
    document.body.append(script)
    const html = attempt(() => (document.createElement('div').innerHTML = '<b>x</b>'))
    const foreign = await fetch('https://example.test/').then(
      () => 'done',
      (error: Error) => error.name,
    )
    // In a turn of its own: what a test evaluates is exempt from the policy, what it schedules is not.
    const evaluated = await new Promise<string>((resolve) =>
      setTimeout(() => resolve(attempt(() => new Function('return 1')()))),
    )
    return { inline, html, foreign, evaluated, ran: 'broken' in window }
  })
  expect(outcome).toEqual({
    inline: 'TypeError',
    html: 'TypeError',
    foreign: 'TypeError',
    evaluated: 'EvalError',
    ran: false,
  })
  faults.clear()
})

test('a page cannot leave, nor see Node', async ({ page, naru }) => {
  test.skip(naru.name !== 'electron', 'a browser tab may go where its person sends it')
  const before = page.url()
  await page.evaluate(() => {
    location.href = 'https://example.test/'
  })
  await page.waitForTimeout(300)
  expect(page.url()).toBe(before)
  const seen = await page.evaluate(() =>
    ['require', 'process', 'module', 'Buffer', 'global'].filter((name) => name in globalThis),
  )
  expect(seen).toEqual([])
})

test('the bridge is frozen and offers exactly what is agreed', async ({ page, naru }) => {
  test.skip(naru.name !== 'electron', 'the web shell has no bridge')
  const bridge = await page.evaluate(() => {
    const naru = (globalThis as unknown as { naru: Record<string, unknown> }).naru
    const replaced = Reflect.set(globalThis, 'naru', {})
    return { keys: Object.keys(naru).sort(), frozen: Object.isFrozen(naru), replaced }
  })
  expect(bridge).toEqual({ keys: ['connect', 'openWindow', 'platform', 'shell'], frozen: true, replaced: false })
})

test('windows are sandboxed, permissions denied, foreign windows refused', async ({ naru, faults }) => {
  const { electron, page } = naru
  test.skip(electron === undefined, 'Electron only')
  if (!electron) return
  const url = await electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.webContents.getURL())
  expect(url).toMatch(/^app:\/\/naru\//)
  await electron.evaluate(({ shell }) => {
    const opened: string[] = []
    Object.assign(globalThis, { opened })
    shell.openExternal = (address) => Promise.resolve(void opened.push(address))
  })
  for (const address of ['https://example.test/a', 'file:///etc/passwd', 'javascript:1', 'http://u:p@example.test/']) {
    await page.evaluate((target) => void window.open(target, '_blank', 'noopener'), address)
  }
  await expect
    .poll(() => electron.evaluate(() => (globalThis as unknown as { opened: string[] }).opened))
    .toEqual(['https://example.test/a'])
  expect(electron.windows()).toHaveLength(1)
  expect(await page.evaluate(() => Notification.permission)).not.toBe('granted')
  faults.clear()
})

test('only own routes get a window of their own', async ({ naru }) => {
  const { electron, page } = naru
  test.skip(electron === undefined, 'Electron only')
  if (!electron) return
  const open = (route: string): Promise<void> =>
    page.evaluate((target) => {
      ;(globalThis as unknown as { naru: { openWindow(route: string): void } }).naru.openWindow(target)
    }, route)
  for (const route of ['/settings', '//example.test/', 'https://example.test/', '/log-window/../../x', '/log-window/']) {
    await open(route)
  }
  await page.waitForTimeout(300)
  expect(electron.windows()).toHaveLength(1)
  const window = await naru.nextWindow(() => open('/log-window/native/abc'))
  await expect(window).toHaveTitle(/./)
  const urls = (): Promise<string> =>
    electron.evaluate(({ BrowserWindow }) =>
      BrowserWindow.getAllWindows()
        .map((one) => one.webContents.getURL())
        .join(' '),
    )
  await expect.poll(urls).toContain('app://naru/#/log-window/native/abc')
})

test('the engine room comes back when its process is killed', async ({ naru }) => {
  const { electron, page } = naru
  test.skip(electron === undefined, 'the web shell is one process')
  if (!electron) return
  const reconnect = (): Promise<boolean> =>
    page.evaluate(
      () =>
        new Promise<boolean>((resolve) => {
          const bridge = (globalThis as unknown as { naru: { connect(): void } }).naru
          addEventListener('message', (event) => {
            if ((event.data as { type?: string }).type === 'naru:port') resolve(event.ports.length === 1)
          })
          bridge.connect()
        }),
    )
  expect(await reconnect()).toBe(true)
  const { execFileSync } = await import('node:child_process')
  const children = execFileSync('ps', ['-o', 'pid=,args=', '--ppid', String(naru.pid)], { encoding: 'utf8' })
  const engine = children.split('\n').find((line) => /engine-process|utility/.test(line))
  process.kill(Number.parseInt(engine ?? '', 10), 'SIGKILL')
  await page.waitForTimeout(100)
  expect(await reconnect()).toBe(true)
})
