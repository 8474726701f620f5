/** The only door of the engine room: what main/ (and tests) may import. */
import { randomUUID } from 'node:crypto'
import { compose } from './host/compose.ts'
import { createMethods } from './host/methods.ts'
import type { EngineHostOptions } from './host/options.ts'
import { createStreams } from './host/streams.ts'
import { serveLink } from './link/server.ts'
import type { Transport } from './link/transport.ts'

export type { EngineHostOptions, LoginItem } from './host/options.ts'
export type { SecretBox } from './registries/vault.ts'
export { portTransport } from './link/port.ts'
export { websocketTransport } from './link/websocket.ts'
export type { Transport } from './link/transport.ts'

export interface EngineHost {
  /** Serves one more peer until it goes. What it asks before everything is open waits. */
  readonly attach: (transport: Transport) => void
  /** Lets go of everything: operations are cancelled; engines and their containers live on, or stop as the settings say. */
  readonly close: () => Promise<void>
  /** Longest time `close` may take now, milliseconds: engines that stop with Naru take theirs. */
  readonly closeLimitMs: () => Promise<number>
}

/** Letting go without stopping anything, milliseconds. */
const CLOSE_MS = 6_000

/** Begins at once. When it cannot open (a state folder that cannot be made) every peer is closed and the log says why. */
export function createEngineHost(options: EngineHostOptions): EngineHost {
  const peers = new Map<string, { close(): void }>()
  let closing: Promise<void> | null = null

  const opened = compose(options).then((services) => ({
    services,
    methods: createMethods(services),
    streams: createStreams(services),
  }))
  // The log file is below the folder that may be the problem.
  const log = options.log ?? ((line: string) => console.error(line))
  opened.catch((error: unknown) => log(`the engine room cannot open: ${String(error)}`))

  function attach(transport: Transport): void {
    opened.then(
      ({ services, methods, streams }) => {
        if (closing) return transport.close()
        const peerId = randomUUID()
        let gone = false
        const peer = serveLink(transport, {
          methods,
          streams,
          peerId,
          // May come before serveLink returns, when the page went while the room was opening.
          onClosed: () => {
            gone = true
            peers.delete(peerId)
            void services.logs.closePeer(peerId)
            services.transfers.closePeer(peerId)
            services.terminals.closePeer(peerId)
          },
        })
        if (!gone) peers.set(peerId, peer)
      },
      () => transport.close(),
    )
  }

  async function close(): Promise<void> {
    const open = await opened.catch(() => null)
    for (const peer of [...peers.values()]) peer.close()
    await open?.services.close()
  }

  const closeLimitMs = async (): Promise<number> => CLOSE_MS + ((await opened.catch(() => null))?.services.endingLimitMs() ?? 0)

  return { attach, closeLimitMs, close: () => (closing ??= close()) }
}
