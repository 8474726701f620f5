/** One pipe with a link on it, taken down after each test. */
import { afterEach } from 'vitest'
import { connectLink } from '../../engine/link/client.ts'
import type { Link } from '../../engine/link/client.ts'
import type { MethodHandlers, StreamHandlers } from '../../engine/link/handlers.ts'
import { serveLink } from '../../engine/link/server.ts'
import { stubMethods, stubStreams } from '../support/stub-handlers.ts'
import type { Pipe } from './transports.ts'

export interface Rig {
  readonly link: Link
  readonly server: { close(): void }
  readonly closedPeers: string[]
}

export interface Handlers {
  readonly methods?: Partial<MethodHandlers>
  readonly streams?: Partial<StreamHandlers>
}

export interface Harness {
  /** A link to a server with these handlers. */
  link(handlers: Handlers): Promise<Rig>
  /** A server, and the bare pipe to it. */
  serve(handlers: Handlers): Promise<Pipe>
  /** A bare pipe. */
  pipe(): Promise<Pipe>
}

/** Call once per describe block. */
export function useHarness(open: () => Promise<Pipe>): Harness {
  const opened: Pipe[] = []
  afterEach(async () => {
    for (const pipe of opened.splice(0)) await pipe.dispose()
  })
  const pipe = async (): Promise<Pipe> => {
    const made = await open()
    opened.push(made)
    return made
  }
  const serveOn = (made: Pipe, handlers: Handlers, closedPeers: string[]): { close(): void } =>
    serveLink(made.server, {
      methods: stubMethods(handlers.methods),
      streams: stubStreams(handlers.streams),
      peerId: 'peer-1',
      onClosed: () => closedPeers.push('peer-1'),
    })
  return {
    pipe,
    async link(handlers) {
      const made = await pipe()
      const closedPeers: string[] = []
      const server = serveOn(made, handlers, closedPeers)
      return { link: connectLink(made.client), server, closedPeers }
    },
    async serve(handlers) {
      const made = await pipe()
      serveOn(made, handlers, [])
      return made
    },
  }
}

/** A promise that settles when the signal aborts, with its reason. */
export function whenAborted(signal: AbortSignal): Promise<unknown> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(signal.reason)
    else signal.addEventListener('abort', () => resolve(signal.reason), { once: true })
  })
}

/** A promise and its resolver. */
export function defer<T>(): { promise: Promise<T>; resolve(value: T): void } {
  let settle: (value: T) => void = () => undefined
  const promise = new Promise<T>((resolve) => (settle = resolve))
  return { promise, resolve: settle }
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
