'use strict'
// Loaded before the script of a utility process: process.parentPort with ports.
const { EventEmitter } = require('node:events')
const codec = require('./codec.cjs')
const { MessagePortMain, Relay } = require('./ports.cjs')

const post = (frame) => {
  if (process.connected) process.send(frame, () => undefined)
}
const relay = new Relay(post, 'u')
const parentPort = new EventEmitter()
parentPort.postMessage = (message) => post({ t: 'message', data: codec.encode(message) })

process.on('message', (frame) => {
  if (frame.t !== 'message') return relay.handle(frame)
  const ports = frame.ports.map((id) => new MessagePortMain(relay.import(id)))
  parentPort.emit('message', { data: codec.decode(frame.data), ports })
})
process.on('disconnect', () => process.exit(0))
process.parentPort = parentPort
process.type = 'utility'
