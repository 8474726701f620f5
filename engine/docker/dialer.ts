/**
 * An HTTP agent made of a provider's `dial`. Nothing else decides where requests go: not the environment, not a host
 * name in an option.
 */
import { Agent } from 'node:http'
import type { ClientRequestArgs } from 'node:http'
import type { Duplex } from 'node:stream'
import { NaruError } from '../contract/errors.ts'
import type { EngineHandle } from '../providers/provider.ts'

/** Connections in use at once; more requests wait their turn within their own time limit. */
const MAX_CONNECTIONS = 256

export interface Dialer {
  readonly agent: Agent
  /** A bare connection, ended with the dialer; the caller destroys it. */
  readonly connect: () => Promise<Duplex>
  /** Ends every connection and refuses new ones. */
  readonly close: () => void
}

const closed = (): NaruError => new NaruError('engine.unreachable', 'the connection to the engine was closed')

type OnConnection = (error: Error | null, stream: Duplex) => void

/**
 * A dialer over `dial`. Connections are not kept alive: dialling a local socket costs about 0.1 ms, while a kept
 * connection that the daemon closes in the same instant fails a request that would have succeeded.
 */
export function createDialer(dial: EngineHandle['dial']): Dialer {
  const open = new Set<Duplex>()
  const lifetime = new AbortController()

  const connect = async (): Promise<Duplex> => {
    const stream = await dial(lifetime.signal).catch((error: unknown) => {
      // Given up by this end: for whoever asked, the engine is gone; nobody cancelled the request.
      throw lifetime.signal.aborted ? closed() : error
    })
    if (lifetime.signal.aborted) {
      stream.destroy()
      throw closed()
    }
    open.add(stream)
    stream.once('close', () => open.delete(stream))
    return stream
  }

  class DialAgent extends Agent {
    override createConnection(_options: ClientRequestArgs, onConnection?: OnConnection): undefined {
      const done = onConnection as (error: Error | null, stream?: Duplex) => void
      connect().then(
        (stream) => done(null, stream),
        (error: unknown) => done(error instanceof Error ? error : new Error(String(error))),
      )
      return undefined
    }
  }

  const agent = new DialAgent({ keepAlive: false, maxSockets: MAX_CONNECTIONS })
  return {
    agent,
    connect,
    close: () => {
      lifetime.abort()
      for (const stream of open) stream.destroy()
      agent.destroy()
    },
  }
}
