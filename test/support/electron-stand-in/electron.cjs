'use strict'
// The module `electron` of the main process.
const { app, begin } = require('./app.cjs')
const { context } = require('./context.cjs')
const desktop = require('./desktop.cjs')
const { ipcMain } = require('./ipc.cjs')
const { MessageChannelMain, MessagePortMain } = require('./ports.cjs')
const { safeStorage } = require('./safe-storage.cjs')
const { protocol, session } = require('./scheme.cjs')
const { utilityProcess } = require('./utility-process.cjs')
const { BrowserWindow, onBrowserMessage } = require('./window.cjs')

module.exports = {
  app,
  BrowserWindow,
  ipcMain,
  MessageChannelMain,
  MessagePortMain,
  protocol,
  safeStorage,
  session,
  utilityProcess,
  ...desktop,
  /** What was asked of the desktop, for tests. */
  __calls: context.calls,
  /** Called by boot.cjs once the app's main script has run. */
  __begin: () => begin(onBrowserMessage),
}
