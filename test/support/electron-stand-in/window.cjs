'use strict'
// BrowserWindow on a Chromium target, and the debugger events that keep it up to date.
const { EventEmitter } = require('node:events')
const crypto = require('node:crypto')
const fs = require('node:fs')
const path = require('node:path')
const { app } = require('./app.cjs')
const { context, makeEvent } = require('./context.cjs')
const { onPageFrame } = require('./ipc.cjs')
const { toBrowser, fromBrowser, onRequestPaused } = require('./scheme.cjs')
const { WebContents } = require('./web-contents.cjs')

/** Name of the preload's world, as Electron calls it. */
const WORLD = 'Electron Isolated Context'
/** How long a target may take to close, ms. */
const CLOSE_LIMIT = 3_000
const source = (name) => fs.readFileSync(path.join(__dirname, name), 'utf8')
/** The function a page script consists of, without the comment and the semicolon before it. */
const expression = (name) => source(name).replace(/^(?:\/\/.*\n)*;/, '').trim()
const SOURCES = { codec: source('codec.cjs'), bridge: expression('page-bridge.js'), runtime: expression('page-runtime.js') }

let lastId = 0

class BrowserWindow extends EventEmitter {
  constructor(options = {}) {
    super()
    lastId += 1
    this.id = lastId
    this._options = options
    this._url = ''
    this._title = options.title ?? app.name
    this._visible = options.show !== false
    this._state = 'normal'
    this._bounds = { x: options.x ?? 0, y: options.y ?? 0, width: options.width ?? 800, height: options.height ?? 600 }
    /** Addresses the app itself asked for. */
    this._expected = new Set()
    this.webContents = new WebContents(this)
    context.windows.set(this.id, this)
    this._made = this._make()
    this._made.catch((error) => {
      if (!this._dead) console.error('stand-in window:', error.message)
    })
    setImmediate(() => {
      app.emit('browser-window-created', makeEvent(), this)
      app.emit('web-contents-created', makeEvent(), this.webContents)
    })
  }

  _send(method, params = {}) {
    return context.browser.send(method, params, this._sessionId)
  }

  async _make() {
    const preferences = this._options.webPreferences ?? {}
    if (preferences.nodeIntegration || preferences.contextIsolation === false || preferences.sandbox === false) {
      throw new Error('stand-in: only sandboxed windows with context isolation and without Node')
    }
    const { width, height } = this._bounds
    const create = { url: 'about:blank', newWindow: true, width, height }
    const { targetId } = await context.browser.send('Target.createTarget', create)
    this._targetId = targetId
    const { sessionId } = await context.browser.send('Target.attachToTarget', { targetId, flatten: true })
    this._sessionId = sessionId
    const [{ frameTree }] = await Promise.all([
      this._send('Page.getFrameTree'),
      this._send('Page.enable'),
      this._send('Inspector.enable'),
      this._send('Runtime.enable'),
      this._send('Runtime.addBinding', { name: '__standinSend', executionContextName: WORLD }),
      this._send('Fetch.enable', { patterns: [{ urlPattern: '*' }] }),
    ])
    this._mainFrame = frameTree.frame.id
    await this._installPreload(preferences)
  }

  async _installPreload(preferences) {
    const secret = `e${crypto.randomBytes(12).toString('hex')}`
    const code = preferences.preload ? fs.readFileSync(preferences.preload, 'utf8') : ''
    const { platform, arch, versions } = process
    const settings = { process: { platform, arch, versions: { ...versions }, env: {}, argv: [process.argv[0]] } }
    const page = `if (window === top) { (${SOURCES.bridge})(${JSON.stringify(secret)}, 'page') }`
    const isolated = `if (window === top) { ${SOURCES.codec}
      ;(${SOURCES.bridge})(${JSON.stringify(secret)}, 'isolated')
      const $runtime = (${SOURCES.runtime})(${JSON.stringify(settings)})
      ;(function (require, process, module, exports) { ${code}
      })($runtime.require, $runtime.process, { exports: {} }, {}) }`
    await this._send('Page.addScriptToEvaluateOnNewDocument', { source: page })
    await this._send('Page.addScriptToEvaluateOnNewDocument', { worldName: WORLD, source: isolated })
  }

  async loadURL(url) {
    await this._made
    const address = toBrowser(url)
    this._expected.add(address.split('#')[0])
    const loaded = new Promise((resolve) => {
      this._loaded = resolve
    })
    const { errorText } = await this._send('Page.navigate', { url: address })
    if (errorText) {
      this.webContents.emit('did-fail-load', makeEvent(), -2, errorText, url, true)
      throw new Error(`${errorText} loading '${url}'`)
    }
    await loaded
  }

  close() {
    if (this._dead) return
    const event = makeEvent()
    this.emit('close', event)
    this._closing = event.defaultPrevented ? Promise.resolve() : this._destroy()
  }
  destroy() {
    this._closing = this._destroy()
  }
  async _destroy() {
    if (this._dead) return
    await this._made.catch(() => undefined)
    const closed = new Promise((resolve) => this.once('closed', resolve))
    await context.browser.send('Target.closeTarget', { targetId: this._targetId }).catch(() => undefined)
    await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, CLOSE_LIMIT))])
    this._gone()
  }
  _gone() {
    if (this._dead) return
    this._dead = true
    context.windows.delete(this.id)
    this.webContents._relay.closeAll()
    this.webContents.emit('destroyed')
    this.emit('closed')
    if (context.windows.size > 0 || app._state !== 'running') return
    if (app.listenerCount('window-all-closed') > 0) app.emit('window-all-closed')
    else app.quit()
  }

  _setBounds(bounds) {
    void this._made.then(async () => {
      const { windowId } = await context.browser.send('Browser.getWindowForTarget', { targetId: this._targetId })
      await context.browser.send('Browser.setWindowBounds', { windowId, bounds })
    }).catch(() => undefined)
  }
  _become(state, event) {
    this._state = state
    this._setBounds({ windowState: state })
    this.emit(event)
  }
  show() {
    this._visible = true
    this.emit('show')
    this.focus()
  }
  hide() {
    this._visible = false
    this.emit('hide')
  }
  focus() {
    this._made
      .then(() => context.browser.send('Target.activateTarget', { targetId: this._targetId }))
      .catch(() => undefined)
    this.emit('focus')
  }
  minimize() {
    this._become('minimized', 'minimize')
  }
  maximize() {
    this._become('maximized', 'maximize')
  }
  restore() {
    this._become('normal', 'restore')
  }
  isVisible() {
    return this._visible
  }
  isFocused() {
    return this._visible
  }
  isMinimized() {
    return this._state === 'minimized'
  }
  isMaximized() {
    return this._state === 'maximized'
  }
  isDestroyed() {
    return this._dead === true
  }
  getBounds() {
    return { ...this._bounds }
  }
  getNormalBounds() {
    return { ...this._bounds }
  }
  setBounds(bounds) {
    Object.assign(this._bounds, bounds)
    const { x, y, width, height } = this._bounds
    this._setBounds({ left: x, top: y, width, height })
    this.emit('resize')
  }
  setTitle(title) {
    this._title = title
  }
  getTitle() {
    return this._title
  }

  static getAllWindows() {
    return [...context.windows.values()]
  }
  static fromId(id) {
    return context.windows.get(id) ?? null
  }
  static fromWebContents(contents) {
    return contents?._window ?? null
  }
  static getFocusedWindow() {
    return BrowserWindow.getAllWindows().find((window) => window._visible) ?? null
  }
}

/** A page opened a window: it never lives; the app's handler decides whether one of the app's takes its place. */
function onWindowOpened(opener, target) {
  context.browser.send('Target.closeTarget', { targetId: target.targetId }).catch(() => undefined)
  const url = fromBrowser(opener._asked ?? target.url)
  const details = { url, frameName: '', features: '', disposition: 'foreground-tab' }
  const decision = opener.webContents._windowOpen?.(details)
  if (decision?.action !== 'allow') return
  const window = new BrowserWindow(decision.overrideBrowserWindowOptions ?? {})
  window.loadURL(url).catch((error) => console.error('stand-in window:', error.message))
}

const ON_PAGE_EVENT = {
  'Fetch.requestPaused': (window, params) => void onRequestPaused(window, params),
  'Page.windowOpen': (window, { url }) => {
    window._asked = url
  },
  'Runtime.executionContextCreated': (window, { context: world }) => {
    if (world.name === WORLD) window.webContents._worlds.set(world.auxData.frameId, world.uniqueId)
  },
  'Runtime.bindingCalled': (window, { name, payload }) => {
    if (name === '__standinSend') for (const frame of JSON.parse(payload)) onPageFrame(window.webContents, frame)
  },
  'Page.frameNavigated': (window, { frame }) => {
    if (frame.parentId) return
    window._url = frame.url + (frame.urlFragment ?? '')
    window.webContents._relay.closeAll()
    window.webContents.emit('did-navigate', makeEvent(), fromBrowser(window._url), 200, 'OK')
  },
  'Page.navigatedWithinDocument': (window, { frameId, url }) => {
    if (frameId !== window._mainFrame) return
    window._url = url
    window.webContents.emit('did-navigate-in-page', makeEvent(), fromBrowser(url), true)
  },
  // Its next load brings a new process.
  'Inspector.targetCrashed': (window) => {
    window.webContents._worlds.clear()
    window.webContents._relay.closeAll()
    window.webContents.emit('render-process-gone', makeEvent(), { reason: 'crashed', exitCode: 5 })
  },
  'Page.domContentEventFired': (window) => window.webContents.emit('dom-ready', makeEvent()),
  'Page.loadEventFired': (window) => {
    if (window._url === 'about:blank' || window._url === '') return
    window.webContents.emit('did-finish-load', makeEvent())
    window._loaded?.()
    if (window._shown) return
    window._shown = true
    window.emit('ready-to-show', makeEvent())
  },
}

/** Every message of the browser that answers no call. */
function onBrowserMessage({ method, params, sessionId }) {
  const all = BrowserWindow.getAllWindows()
  if (method === 'Target.targetDestroyed') {
    all.find((window) => window._targetId === params.targetId)?._gone()
  } else if (method === 'Target.targetCreated' && params.targetInfo.openerId) {
    const opener = all.find((window) => window._targetId === params.targetInfo.openerId)
    if (opener) onWindowOpened(opener, params.targetInfo)
  } else if (sessionId) {
    const window = all.find((one) => one._sessionId === sessionId)
    if (window) ON_PAGE_EVENT[method]?.(window, params)
  }
}

module.exports = { BrowserWindow, onBrowserMessage }
