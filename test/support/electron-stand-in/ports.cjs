'use strict'
// MessagePorts of the main process, and their relay over a link that carries frames only (a page, a child process).
const { EventEmitter } = require('node:events')
const { MessageChannel } = require('node:worker_threads')
const codec = require('./codec.cjs')

/** Electron's port: events carry `{ data, ports }`, messages wait until `start()`. */
class MessagePortMain extends EventEmitter {
  /** @param {import('node:worker_threads').MessagePort} raw */
  constructor(raw) {
    super()
    this._raw = raw
    this._onMessage = (message) =>
      this.emit('message', { data: message.data, ports: message.ports.map((port) => new MessagePortMain(port)) })
    this._onClose = () => this.emit('close')
  }
  _listen() {
    if (this._listening) return
    this._listening = true
    this._raw.on('message', this._onMessage)
    this._raw.on('close', this._onClose)
  }
  postMessage(data, transfer = []) {
    const ports = transfer.map((port) => port._raw)
    this._raw.postMessage({ data, ports }, ports)
  }
  start() {
    this._listen()
    this._raw.start()
  }
  close() {
    this._listen()
    this._raw.close()
  }
}

class MessageChannelMain {
  constructor() {
    const { port1, port2 } = new MessageChannel()
    this.port1 = new MessagePortMain(port1)
    this.port2 = new MessagePortMain(port2)
  }
}

/** Both ends keep the relayed ports under ids; frames: `port-message` and `port-closed`. */
class Relay {
  /**
   * @param {(frame: object) => void} post
   * @param {string} prefix keeps the ids of the two ends apart
   */
  constructor(post, prefix) {
    this.post = post
    this.prefix = prefix
    this.ports = new Map()
    this.last = 0
  }
  _attach(id, raw) {
    this.ports.set(id, raw)
    raw.on('message', (message) => {
      const ports = message.ports.map((port) => this.export(port))
      this.post({ t: 'port-message', id, data: codec.encode(message.data), ports })
    })
    raw.on('close', () => {
      if (this.ports.delete(id)) this.post({ t: 'port-closed', id })
    })
    raw.start()
  }
  /** Takes a raw port and returns the id under which the other end finds it. */
  export(raw) {
    this.last += 1
    const id = this.prefix + this.last
    this._attach(id, raw)
    return id
  }
  /** A raw port that stands for the other end's port `id`. */
  import(id) {
    const { port1, port2 } = new MessageChannel()
    this._attach(id, port1)
    return port2
  }
  handle(frame) {
    const raw = this.ports.get(frame.id)
    if (!raw) return
    if (frame.t === 'port-closed') {
      this.ports.delete(frame.id)
      raw.close()
      return
    }
    const ports = frame.ports.map((id) => this.import(id))
    raw.postMessage({ data: codec.decode(frame.data), ports }, ports)
  }
  closeAll() {
    const all = [...this.ports.values()]
    this.ports.clear()
    for (const raw of all) raw.close()
  }
}

module.exports = { MessagePortMain, MessageChannelMain, Relay }
