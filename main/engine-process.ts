/** Entry of the utility process: the engine room, and a link for every port the main process hands over. */
import { createEngineHost, portTransport } from '../engine/index.ts'
import { createSecretPort } from './secret-port.ts'
import type { FromEngine, ToEngine } from './engine-messages.ts'

/** How long letting go may take before the process ends anyway, ms. */
const CLOSE_LIMIT = 6_000

type Host = ReturnType<typeof createEngineHost>

const parent = process.parentPort
let host: Host | undefined

const tell = (message: FromEngine): void => parent.postMessage(message)
const secrets = createSecretPort(tell)

async function close(): Promise<void> {
  const limit = setTimeout(() => process.exit(1), CLOSE_LIMIT)
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
      host ??= createEngineHost({ ...message.options, env: process.env, secrets })
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
