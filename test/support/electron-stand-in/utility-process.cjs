'use strict'
// utilityProcess.fork on a plain Node child.
const { fork } = require('node:child_process')
const { EventEmitter } = require('node:events')
const path = require('node:path')
const codec = require('./codec.cjs')
const { Relay } = require('./ports.cjs')

class UtilityProcess extends EventEmitter {
  constructor(modulePath, args, options) {
    super()
    const output = options.stdio === 'pipe' ? 'pipe' : options.stdio === 'ignore' ? 'ignore' : 'inherit'
    this._child = fork(modulePath, args, {
      execPath: process.env.STANDIN_NODE || 'node',
      execArgv: ['-r', path.join(__dirname, 'utility-preload.cjs'), ...(options.execArgv ?? [])],
      env: options.env ?? process.env,
      cwd: options.cwd,
      stdio: ['ignore', output, output, 'ipc'],
    })
    this._relay = new Relay((frame) => this._post(frame), 'm')
    this.stdout = this._child.stdout
    this.stderr = this._child.stderr
    this._child.on('spawn', () => this.emit('spawn'))
    this._child.on('exit', (code) => {
      this._relay.closeAll()
      this.emit('exit', code ?? 1)
    })
    this._child.on('error', () => undefined)
    this._child.on('message', (frame) => {
      if (frame.t === 'message') this.emit('message', codec.decode(frame.data))
      else this._relay.handle(frame)
    })
  }
  _post(frame) {
    if (this._child.connected) this._child.send(frame, () => undefined)
  }
  get pid() {
    return this._child.exitCode === null ? this._child.pid : undefined
  }
  postMessage(message, transfer = []) {
    const ports = transfer.map((port) => this._relay.export(port._raw))
    this._post({ t: 'message', data: codec.encode(message), ports })
  }
  kill() {
    return this._child.kill()
  }
}

const utilityProcess = {
  fork: (modulePath, args, options) =>
    Array.isArray(args)
      ? new UtilityProcess(modulePath, args, options ?? {})
      : new UtilityProcess(modulePath, [], args ?? {}),
}

module.exports = { utilityProcess }
