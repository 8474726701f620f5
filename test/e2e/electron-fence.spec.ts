/** Electron's own fence, asked from the page and from the main process. */
import { execFileSync } from 'node:child_process'
import type { ElectronApplication } from '@playwright/test'
import { expect, test } from './support/naru.ts'
import type { Shell } from './support/shells.ts'

function mainOf(naru: Shell): ElectronApplication {
  if (!naru.electron) throw new Error('this spec belongs to the project electron')
  return naru.electron
}

test('a page cannot leave, nor see Node', async ({ page }) => {
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

test('the bridge is frozen and offers exactly what is agreed', async ({ page }) => {
  const bridge = await page.evaluate(() => {
    const naru = (globalThis as unknown as { naru: Record<string, unknown> }).naru
    const replaced = Reflect.set(globalThis, 'naru', {})
    return { keys: Object.keys(naru).sort(), frozen: Object.isFrozen(naru), replaced }
  })
  expect(bridge).toEqual({ keys: ['connect', 'openWindow', 'pathOfFile', 'platform', 'shell'], frozen: true, replaced: false })
})

test('windows are sandboxed, permissions denied, foreign windows refused', async ({ naru, faults }) => {
  const { page } = naru
  const electron = mainOf(naru)
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
  const { page } = naru
  const electron = mainOf(naru)
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
  const { page } = naru
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
  const children = execFileSync('ps', ['-o', 'pid=,args=', '--ppid', String(naru.pid)], { encoding: 'utf8' })
  const engine = children.split('\n').find((line) => /engine-process|utility/.test(line))
  // A page whose line is dead is told by the same message without a port.
  await page.evaluate(() => {
    const told = new Promise<number>((resolve) => {
      addEventListener('message', (event) => {
        if ((event.data as { type?: string }).type === 'naru:port' && event.ports.length === 0) resolve(event.ports.length)
      })
    })
    Object.assign(globalThis, { told })
  })
  process.kill(Number.parseInt(engine ?? '', 10), 'SIGKILL')
  expect(await page.evaluate(() => (globalThis as unknown as { told: Promise<number> }).told)).toBe(0)
  expect(await reconnect()).toBe(true)
})
