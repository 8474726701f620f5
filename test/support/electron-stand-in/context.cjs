'use strict'
// What the parts of the stand-in share. `boot` is filled in by boot.cjs before anything else is loaded.

const context = {
  /** @type {{ appPath: string, pkg: { name: string, productName?: string, version: string }, switches: string[] }} */
  boot: { appPath: '', pkg: { name: '', version: '' }, switches: [] },
  /** Connection to Chromium once the app is ready. @type {ReturnType<typeof import('./browser.cjs').startBrowser> | null} */
  browser: null,
  /** Open windows by id. @type {Map<number, import('node:events').EventEmitter & Record<string, any>>} */
  windows: new Map(),
  /** Calls to desktop features that can only be recorded here: [name, ...arguments]. @type {unknown[][]} */
  calls: [],
}

/** Records a call for tests to look at through `electron.__calls`. */
function note(name, ...args) {
  context.calls.push([name, ...args])
}

/** An event object with `preventDefault`, as Electron hands out. */
function makeEvent(more = {}) {
  return {
    defaultPrevented: false,
    preventDefault() {
      this.defaultPrevented = true
    },
    ...more,
  }
}

module.exports = { context, note, makeEvent }
