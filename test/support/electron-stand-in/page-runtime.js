// Isolated world of the preload: ipcRenderer, contextBridge and the page's half of the port relay. Talks to the main
// process over one debugger binding. Its value is the preload's `require` and `process`.
;(function (settings) {
  const bind = globalThis.__standinSend
  const codec = globalThis.__codec
  const expose = globalThis.__expose
  delete globalThis.__codec
  delete globalThis.__expose

  let batch = null
  const post = (frame) => {
    if (batch) return void batch.push(frame)
    batch = [frame]
    queueMicrotask(() => {
      const frames = batch
      batch = null
      bind(JSON.stringify(frames))
    })
  }

  const ports = new Map()
  let lastPort = 0
  const attach = (id, port) => {
    ports.set(id, port)
    port.onmessage = (event) => {
      post({ t: 'port-message', id, data: codec.encode(event.data), ports: event.ports.map(exportPort) })
    }
    port.addEventListener('close', () => {
      if (ports.delete(id)) post({ t: 'port-closed', id })
    })
  }
  const exportPort = (port) => {
    lastPort += 1
    attach(`p${lastPort}`, port)
    return `p${lastPort}`
  }
  const importPort = (id) => {
    const { port1, port2 } = new MessageChannel()
    attach(id, port1)
    return port2
  }

  const listeners = new Map()
  const invokes = new Map()
  let lastInvoke = 0
  const clone = (value) => {
    try {
      return structuredClone(value)
    } catch {
      throw new Error('An object could not be cloned.')
    }
  }

  const ipcRenderer = {
    send: (channel, ...args) => post({ t: 'send', channel, args: codec.encode(clone(args)) }),
    invoke(channel, ...args) {
      const encoded = codec.encode(clone(args))
      return new Promise((resolve, reject) => {
        lastInvoke += 1
        invokes.set(lastInvoke, { resolve, reject, channel })
        post({ t: 'invoke', id: lastInvoke, channel, args: encoded })
      })
    },
    sendSync() {
      throw new Error('stand-in: sendSync is not offered')
    },
    postMessage: (channel, message, transfer = []) =>
      post({ t: 'post', channel, args: codec.encode(clone(message)), ports: [...transfer].map(exportPort) }),
    on(channel, listener) {
      listeners.set(channel, [...(listeners.get(channel) ?? []), listener])
      return ipcRenderer
    },
    once(channel, listener) {
      const once = (...args) => {
        ipcRenderer.off(channel, once)
        listener(...args)
      }
      return ipcRenderer.on(channel, once)
    },
    off(channel, listener) {
      const rest = (listeners.get(channel) ?? []).filter((one) => one !== listener)
      listeners.set(channel, rest)
      return ipcRenderer
    },
  }

  const receive = {
    reply({ id, ok, value }) {
      const { resolve, reject, channel } = invokes.get(id)
      invokes.delete(id)
      if (ok) resolve(codec.decode(value))
      else reject(new Error(`Error invoking remote method '${channel}': ${value}`))
    },
    send({ channel, args, ports: ids = [] }) {
      const event = { sender: ipcRenderer, ports: ids.map(importPort) }
      for (const listener of listeners.get(channel) ?? []) listener(event, ...codec.decode(args))
    },
    'port-message'({ id, data, ports: ids }) {
      ports.get(id)?.postMessage(codec.decode(data), ids.map(importPort))
    },
    'port-closed'({ id }) {
      const port = ports.get(id)
      ports.delete(id)
      port?.close()
    },
  }
  globalThis.__standinReceive = (frames) => {
    for (const frame of frames) receive[frame.t](frame)
  }

  const exposed = new Set()
  const electron = {
    ipcRenderer,
    contextBridge: {
      exposeInMainWorld(name, api) {
        if (exposed.has(name)) throw new Error('Cannot bind an API on top of an existing property on the window object')
        exposed.add(name)
        expose(name, api)
      },
    },
    webUtils: { getPathForFile: () => '' },
  }
  return {
    require(id) {
      if (id === 'electron' || id === 'electron/renderer' || id === 'electron/common') return electron
      throw new Error(`module not found: ${id}`)
    },
    process: { ...settings.process, contextIsolated: true, sandboxed: true, type: 'renderer', on() {}, once() {} },
  }
})
