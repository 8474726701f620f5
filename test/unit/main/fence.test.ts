/** What Electron is told, asked directly: the specs in test/e2e see only what a page can try. */
import { beforeEach, describe, expect, it, vi } from 'vitest'

interface Told {
  readonly windows: { readonly options: Record<string, unknown>; readonly contents: FakeContents }[]
  readonly external: string[]
  reloads: number
  destroyed: boolean
}
type Handler = (...args: unknown[]) => unknown

class FakeContents {
  readonly on = new Map<string, Handler>()
  open: Handler = () => undefined
  readonly api = {
    setWindowOpenHandler: (handler: Handler) => (this.open = handler),
    on: (name: string, handler: Handler) => this.on.set(name, handler),
    reload: () => (told.reloads += 1),
  }
}

const told: Told = { windows: [], external: [], reloads: 0, destroyed: false }
vi.mock('../../../main/electron.ts', () => ({
  shell: {
    openExternal: (address: string) => {
      told.external.push(address)
      return Promise.resolve()
    },
  },
  BrowserWindow: class {
    readonly webContents: unknown
    constructor(options: Record<string, unknown>) {
      const contents = new FakeContents()
      told.windows.push({ options, contents })
      this.webContents = contents.api
    }
    once = (): void => undefined
    on = (): void => undefined
    show = (): void => undefined
    focus = (): void => undefined
    isMinimized = (): boolean => false
    isDestroyed = (): boolean => told.destroyed
    loadURL = (): Promise<void> => Promise.resolve()
  },
}))
const { denyPermissions, isExternalLink, isOwnPage, isTrustedSender } = await import('../../../main/security.ts')
const { createWindows } = await import('../../../main/window.ts')

beforeEach(() => {
  told.windows.length = 0
  told.external.length = 0
})

describe('every window', () => {
  it('is sandboxed, has no Node, and is kept on its page', () => {
    const windows = createWindows('/p/preload.cjs', '/p/icon.png', '/none')
    windows.showMain()
    windows.openRoute('/log-window/native/abc')
    expect(told.windows).toHaveLength(2)
    for (const { options, contents } of told.windows) {
      expect(options['webPreferences']).toEqual({
        preload: '/p/preload.cjs',
        sandbox: true,
        contextIsolation: true,
        nodeIntegration: false,
        nodeIntegrationInWorker: false,
        webviewTag: false,
        spellcheck: false,
      })
      for (const name of ['will-navigate', 'will-redirect', 'will-attach-webview']) {
        const preventDefault = vi.fn()
        contents.on.get(name)?.({ preventDefault }, 'https://example.test/')
        expect(preventDefault, name).toHaveBeenCalledOnce()
      }
      expect(contents.open({ url: 'file:///etc/passwd' })).toEqual({ action: 'deny' })
      expect(contents.open({ url: 'https://example.test/' })).toEqual({ action: 'deny' })
    }
    expect(told.external).toEqual(['https://example.test/', 'https://example.test/'])
  })

  it('whose page died gets it again, with growing waits; one that was closed does not', () => {
    vi.useFakeTimers()
    vi.spyOn(console, 'error').mockReturnValue()
    try {
      createWindows('/p/preload.cjs', '/p/icon.png', '/none').showMain()
      const die = (reason: string) => told.windows[0]?.contents.on.get('render-process-gone')?.({}, { reason })
      die('clean-exit')
      vi.advanceTimersByTime(60_000)
      expect(told.reloads).toBe(0)
      die('crashed')
      vi.advanceTimersByTime(250)
      expect(told.reloads).toBe(1)
      die('oom')
      vi.advanceTimersByTime(499)
      expect(told.reloads).toBe(1)
      vi.advanceTimersByTime(1)
      expect(told.reloads).toBe(2)
      told.destroyed = true
      die('crashed')
      vi.advanceTimersByTime(60_000)
      expect(told.reloads).toBe(2)
    } finally {
      told.destroyed = false
      vi.restoreAllMocks()
      vi.useRealTimers()
    }
  })

  it('opens for own routes only, once each, and not without a bound', () => {
    const windows = createWindows('/p/preload.cjs', '/p/icon.png', '/none')
    for (const route of ['/settings', '//evil.test/', '/log-window/../x']) windows.openRoute(route)
    expect(told.windows).toHaveLength(0)
    for (let n = 0; n < 100; n++) windows.openRoute(`/log-window/native/c${n}`)
    windows.openRoute('/log-window/native/c0')
    expect(told.windows).toHaveLength(32)
  })
})

describe('permissions', () => {
  it('are denied, asked for or looked up, devices included; writing to the clipboard is not', () => {
    const handlers: Record<string, Handler> = {}
    const keep = (name: string) => (handler: Handler) => (handlers[name] = handler)
    denyPermissions({
      setPermissionRequestHandler: keep('request'),
      setPermissionCheckHandler: keep('check'),
      setDevicePermissionHandler: keep('device'),
    } as unknown as Parameters<typeof denyPermissions>[0])
    for (const name of ['media', 'geolocation', 'notifications', 'clipboard-read', 'fullscreen', 'openExternal', 'usb', 'serial', 'fileSystem', 'window-management']) {
      const answer = vi.fn()
      handlers['request']?.(null, name, answer)
      expect(answer, name).toHaveBeenCalledWith(false)
      expect(handlers['check']?.(null, name), name).toBe(false)
    }
    expect(handlers['check']?.(null, 'clipboard-sanitized-write')).toBe(true)
    expect(handlers['device']?.({ deviceType: 'usb' })).toBe(false)
  })
})

describe('who may speak', () => {
  const from = (senderFrame: unknown) => isTrustedSender({ senderFrame } as Parameters<typeof isTrustedSender>[0])

  it('is the top frame of an own page', () => {
    expect(from({ parent: null, url: 'app://naru/#/containers' })).toBe(true)
    expect(from({ parent: null, url: 'app://naru' })).toBe(true)
  })
  it.each([
    ['a frame inside', { parent: {}, url: 'app://naru/' }],
    ['a frame that is gone', null],
    ['a web page', { parent: null, url: 'https://naru/' }],
    ['another host of the scheme', { parent: null, url: 'app://naru.evil.test/' }],
    ['a name that begins alike', { parent: null, url: 'app://narux/' }],
    ['a blank page', { parent: null, url: 'about:blank' }],
    ['a file', { parent: null, url: 'file:///app://naru/' }],
  ])('is not %s', (_what, frame) => expect(from(frame)).toBe(false))
  it('knows own pages and links that may leave', () => {
    expect(isOwnPage('app://naru/a')).toBe(true)
    expect(isOwnPage('app://narua')).toBe(false)
    expect(['https://a.test/', 'http://a.test:8080/x'].every(isExternalLink)).toBe(true)
    expect(['file:///etc/passwd', 'javascript:1', 'app://naru/', 'https://u:p@a.test/', 'ssh://a', 'smb://a/b', '', 'a.test'].some(isExternalLink)).toBe(false)
  })
})
