/** The only door of the engine room: what main/ (and tests) may import. */
import { randomUUID } from 'node:crypto'
import { compose } from './host/compose.ts'
import { createMethods } from './host/methods.ts'
import type { EngineHostOptions } from './host/options.ts'
import { createStreams } from './host/streams.ts'
import { serveLink } from './link/server.ts'
import type { Transport } from './link/transport.ts'

export type { EngineHostOptions } from './host/options.ts'
export { portTransport } from './link/port.ts'
export { websocketTransport } from './link/websocket.ts'
export type { Transport } from './link/transport.ts'

export interface EngineHost {
  /** Serves one more peer until it goes. What it asks before everything is open waits. */
  readonly attach: (transport: Transport) => void
  /** Lets go of everything: operations are cancelled, engines and their containers live on. */
  readonly close: () => Promise<void>
}

/** Begins at once; failures to open (a state folder that cannot be made) close every peer and are thrown by `close`. */
export function createEngineHost(options: EngineHostOptions): EngineHost {
  const peers = new Set<{ close(): void }>()
  let closing: Promise<void> | null = null

  const opened = compose(options).then((services) => ({
    services,
    methods: createMethods(services),
    streams: createStreams(services),
  }))
  opened.catch((error: unknown) => options.log?.(`the engine room cannot open: ${String(error)}`))

  function attach(transport: Transport): void {
    opened.then(
      ({ services, methods, streams }) => {
        if (closing) return transport.close()
        const peerId = randomUUID()
        const peer = serveLink(transport, {
          methods,
          streams,
          peerId,
          onClosed: () => {
            peers.delete(peer)
            void services.logs.closePeer(peerId)
          },
        })
        peers.add(peer)
      },
      () => transport.close(),
    )
  }

  async function close(): Promise<void> {
    const { services } = await opened
    for (const peer of [...peers]) peer.close()
    await services.close()
  }

  return { attach, close: () => (closing ??= close()) }
}
