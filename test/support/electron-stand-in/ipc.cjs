'use strict'
// ipcMain, and what arrives from a page's preload.
const { EventEmitter } = require('node:events')
const codec = require('./codec.cjs')
const { MessagePortMain } = require('./ports.cjs')

class IpcMain extends EventEmitter {
  constructor() {
    super()
    this._handlers = new Map()
  }
  handle(channel, handler) {
    if (this._handlers.has(channel)) throw new Error(`Attempted to register a second handler for '${channel}'`)
    this._handlers.set(channel, handler)
  }
  removeHandler(channel) {
    this._handlers.delete(channel)
  }
}

const ipcMain = new IpcMain()

async function answerInvoke(contents, event, { id, channel, args }) {
  try {
    const handler = ipcMain._handlers.get(channel)
    if (!handler) throw new Error(`No handler registered for '${channel}'`)
    const value = await handler(event, ...codec.decode(args))
    contents._post({ t: 'reply', id, ok: true, value: codec.encode(structuredClone(value)) })
  } catch (error) {
    contents._post({ t: 'reply', id, ok: false, value: String(error) })
  }
}

/** One frame from the preload's world of `contents`. */
function onPageFrame(contents, frame) {
  const event = { sender: contents, senderFrame: contents.mainFrame, ports: [], processId: 1, frameId: 1 }
  if (frame.t === 'send') ipcMain.emit(frame.channel, event, ...codec.decode(frame.args))
  else if (frame.t === 'invoke') void answerInvoke(contents, event, frame)
  else if (frame.t === 'post') {
    event.ports = frame.ports.map((id) => new MessagePortMain(contents._relay.import(id)))
    ipcMain.emit(frame.channel, event, codec.decode(frame.args))
  } else contents._relay.handle(frame)
}

module.exports = { ipcMain, onPageFrame }
