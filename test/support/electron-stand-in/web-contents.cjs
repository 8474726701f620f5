'use strict'
// A window's page as the main process sees it.
const { EventEmitter } = require('node:events')
const codec = require('./codec.cjs')
const { context } = require('./context.cjs')
const { Relay } = require('./ports.cjs')
const { session, fromBrowser } = require('./scheme.cjs')

class WebContents extends EventEmitter {
  constructor(window) {
    super()
    this.id = window.id
    this.session = session.defaultSession
    this._window = window
    /** Unique id of the preload's world per frame. */
    this._worlds = new Map()
    this._batch = null
    this._relay = new Relay((frame) => this._post(frame), 'm')
  }
  get mainFrame() {
    const url = this.getURL()
    return { url, origin: /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/.exec(url)?.[0] ?? 'null', parent: null, routingId: 1, processId: 1 }
  }
  /** Sends a frame to the preload's world; frames of one turn travel together. */
  _post(frame) {
    if (this._batch) return void this._batch.push(frame)
    this._batch = [frame]
    setImmediate(() => {
      const frames = this._batch
      this._batch = null
      const world = this._worlds.get(this._window._mainFrame)
      if (!world || this.isDestroyed()) return
      const expression = `__standinReceive(${JSON.stringify(frames)})`
      const params = { expression, uniqueContextId: world }
      context.browser.send('Runtime.evaluate', params, this._window._sessionId).catch(() => undefined)
    })
  }
  send(channel, ...args) {
    this._post({ t: 'send', channel, args: codec.encode(args) })
  }
  postMessage(channel, message, transfer = []) {
    const ports = transfer.map((port) => this._relay.export(port._raw))
    this._post({ t: 'send', channel, args: codec.encode([message]), ports })
  }
  getURL() {
    return fromBrowser(this._window._url)
  }
  getTitle() {
    return this._window.getTitle()
  }
  isDestroyed() {
    return this._window.isDestroyed()
  }
  isDevToolsOpened() {
    return false
  }
  setWindowOpenHandler(handler) {
    this._windowOpen = handler
  }
  async executeJavaScript(expression) {
    const params = { expression, awaitPromise: true, returnByValue: true, userGesture: true }
    const { result, exceptionDetails } = await this._window._send('Runtime.evaluate', params)
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text)
    return result.value
  }
  reload() {
    void this._window._send('Page.reload')
  }
  loadURL(url) {
    return this._window.loadURL(url)
  }
  close() {
    this._window.close()
  }
}

module.exports = { WebContents }
