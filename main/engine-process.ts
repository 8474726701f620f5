/** Entry of the utility process: the engine room, and a link for every port the main process hands over. */
import { createEngineHost, portTransport } from '../engine/index.ts'
import type { LoginItem } from '../engine/index.ts'
import { createAutostart } from './login-item.ts'
import { createSecretPort } from './secret-port.ts'
import type { EngineOptions, FromEngine, ToEngine } from './engine-messages.ts'

type Host = ReturnType<typeof createEngineHost>

const parent = process.parentPort
let host: Host | undefined

const tell = (message: FromEngine): void => parent.postMessage(message)
/** Linux has a folder for it; elsewhere Electron knows how. */
function loginItem({ home, command }: EngineOptions): LoginItem {
  if (process.platform === 'linux') return createAutostart({ env: process.env, home, command })
  return { set: async (enabled) => tell({ kind: 'login-item', enabled }) }
}
const secrets = createSecretPort(tell)

async function close(): Promise<void> {
  const limitMs = (await host?.closeLimitMs()) ?? 0
  tell({ kind: 'closing', limitMs })
  // Ends anyway when something hangs.
  const limit = setTimeout(() => process.exit(1), limitMs)
  await host?.close()
  clearTimeout(limit)
  tell({ kind: 'closed' })
  process.exit(0)
}

parent.on('message', (event) => {
  const message = event.data as ToEngine
  const port = event.ports[0]
  switch (message.kind) {
    case 'start':
      host ??= createEngineHost({ ...message.options, env: process.env, secrets, loginItem: loginItem(message.options) })
      tell({ kind: 'ready' })
      return
    case 'attach':
      if (host && port) host.attach(portTransport(port))
      return
    case 'secret':
      secrets.answered(message)
      return
    case 'close':
      void close()
  }
})

// A promise nobody awaited must not take the engine room down with every view on it.
process.on('unhandledRejection', (reason) => console.error('unhandled rejection in the engine room:', reason))
