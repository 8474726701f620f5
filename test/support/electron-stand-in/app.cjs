'use strict'
// Electron's `app`: life cycle, paths, single-instance lock, command line.
const { EventEmitter } = require('node:events')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { startBrowser } = require('./browser.cjs')
const { context, makeEvent, note } = require('./context.cjs')

/** How long Chromium may take to close, ms. */
const CLOSE_LIMIT = 3_000

/** Used when the app names no folder of its own; removed at the end. */
const temporary = fs.mkdtempSync(path.join(os.tmpdir(), 'stand-in-'))
const userDataSwitch = context.boot.switches.find((one) => one.startsWith('--user-data-dir='))
const paths = {
  home: os.homedir(),
  temp: os.tmpdir(),
  appData: process.env.XDG_CONFIG_HOME || path.join(os.homedir(), '.config'),
  userData: userDataSwitch ? userDataSwitch.slice('--user-data-dir='.length) : temporary,
  exe: process.argv[0],
}

/** Switches the stand-in sets itself and the app must not. */
const OWN_SWITCH = /^--(inspect|remote-debugging|user-data-dir|no-sandbox)/

class App extends EventEmitter {
  constructor() {
    super()
    this.isPackaged = context.boot.packaged
    this.name = context.boot.pkg.productName ?? context.boot.pkg.name
    this._switches = []
    this._state = 'running'
    this._ready = new Promise((resolve) => {
      this._setReady = resolve
    })
    this.commandLine = {
      appendSwitch: (key, value) => this._switches.push(value ? `--${key}=${value}` : `--${key}`),
      hasSwitch: (key) =>
        [...context.boot.switches, ...this._switches].some((one) => one === `--${key}` || one.startsWith(`--${key}=`)),
    }
  }
  whenReady() {
    return this._ready
  }
  isReady() {
    return context.browser !== null
  }
  getName() {
    return this.name
  }
  getVersion() {
    return context.boot.pkg.version
  }
  getAppPath() {
    return context.boot.appPath
  }
  getLocale() {
    return 'en-US'
  }
  getPreferredSystemLanguages() {
    return ['en-US']
  }
  getPath(name) {
    if (!(name in paths)) throw new Error(`Failed to get '${name}' path`)
    return paths[name]
  }
  setPath(name, value) {
    paths[name] = value
  }
  setAppUserModelId(id) {
    note('app.setAppUserModelId', id)
  }
  focus() {
    note('app.focus')
  }
  requestSingleInstanceLock() {
    fs.mkdirSync(paths.userData, { recursive: true })
    const file = path.join(paths.userData, 'stand-in.lock')
    const holder = fs.existsSync(file) ? Number(fs.readFileSync(file, 'utf8')) : 0
    if (holder > 0 && holder !== process.pid && isAlive(holder)) return false
    fs.writeFileSync(file, String(process.pid))
    this._lock = file
    return true
  }
  releaseSingleInstanceLock() {
    if (this._lock) fs.rmSync(this._lock, { force: true })
  }
  quit() {
    if (this._state !== 'running') return
    const before = makeEvent()
    this.emit('before-quit', before)
    if (before.defaultPrevented) return
    this._state = 'quitting'
    this._finishQuit().catch((error) => {
      console.error(error)
      this.exit(1)
    })
  }
  async _finishQuit() {
    for (const window of [...context.windows.values()]) {
      window.close()
      await window._closing
      if (!window.isDestroyed()) {
        this._state = 'running'
        return
      }
    }
    const will = makeEvent()
    this.emit('will-quit', will)
    if (will.defaultPrevented) this._state = 'running'
    else this.exit(0)
  }
  exit(code = 0) {
    if (this._state === 'ended') return
    this._state = 'ended'
    this.emit('quit', makeEvent(), code)
    this.releaseSingleInstanceLock()
    const { browser } = context
    const closed = browser
      ? Promise.race([browser.gone, new Promise((resolve) => setTimeout(resolve, CLOSE_LIMIT))])
      : Promise.resolve()
    browser?.send('Browser.close').catch(() => undefined)
    void closed.then(() => {
      if (browser && browser.child.exitCode === null) browser.child.kill('SIGKILL')
      fs.rmSync(temporary, { recursive: true, force: true, maxRetries: 3 })
      process.exit(code)
    })
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

const app = new App()

/** Starts Chromium and tells the app that it is ready. @param {(message: any) => void} onMessage */
async function begin(onMessage) {
  fs.mkdirSync(paths.userData, { recursive: true })
  const { switches } = context.boot
  const browser = startBrowser({
    userData: path.join(paths.userData, 'chromium'),
    switches: [...switches, ...app._switches].filter((one) => !OWN_SWITCH.test(one)),
    wantPort: switches.includes('--remote-debugging-port=0'),
  })
  browser.on(onMessage)
  void browser.gone.then(() => {
    for (const window of [...context.windows.values()]) window._gone()
    if (app._state === 'running') app.exit(1)
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => app.quit())
  await browser.send('Target.setDiscoverTargets', { discover: true })
  context.browser = browser
  app._setReady()
  app.emit('ready', makeEvent(), {})
}

module.exports = { app, begin }
