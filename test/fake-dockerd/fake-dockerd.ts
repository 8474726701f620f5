/**
 * A fake Docker daemon on a unix socket, for faults and numbers that a real one does not offer: seeded, in this
 * process, changed through `world`, broken through `faults`.
 */
import { rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { NO_FAULTS } from './faults.ts'
import type { FakeFaults } from './faults.ts'
import { handlerFor } from './routes.ts'
import type { LogWriter } from './routes.ts'
import { createRandom, createWorld } from './world.ts'
import type { World } from './world.ts'

export interface FakeDockerdOptions {
  readonly socketPath: string
  /** The same seed gives the same objects and the same dropped events. */
  readonly seed?: number
  /** Objects there at the start. */
  readonly containers?: number
  readonly images?: number
  readonly faults?: Partial<FakeFaults>
  readonly logs?: LogWriter
  readonly version?: { readonly Version?: string; readonly ApiVersion?: string; readonly MinAPIVersion?: string }
}

export interface FakeDockerd {
  readonly socketPath: string
  readonly world: World
  /** Change its fields to break things, and back to heal them. */
  readonly faults: FakeFaults
  /** `METHOD /path?query` of every request so far, without the API version. */
  readonly requests: string[]
  readonly connections: () => number
  readonly dial: () => Promise<Socket>
  /** Cuts every connection, as a crash would. */
  readonly cutAll: () => void
  /** Stops listening and cuts everything; `listen` again brings the same world back. */
  readonly crash: () => Promise<void>
  readonly listen: () => Promise<void>
  readonly close: () => Promise<void>
}

export async function startFakeDockerd(options: FakeDockerdOptions): Promise<FakeDockerd> {
  const { socketPath, seed = 1 } = options
  const world = createWorld({ seed, containers: options.containers ?? 0, images: options.images ?? 0 })
  const faults: FakeFaults = { ...NO_FAULTS, ...options.faults }
  const requests: string[] = []
  const sockets = new Set<Socket>()
  const handle = handlerFor({ world, faults, random: createRandom(seed + 1), version: options.version ?? {}, logs: options.logs })

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', 'http://engine')
    url.pathname = url.pathname.replace(/^\/v\d+\.\d+(?=\/)/, '')
    const route = `${request.method} ${url.pathname}`
    requests.push(route + url.search)
    if (faults.delayMs > 0) await sleep(faults.delayMs)
    if (faults.hang?.test(route)) return
    if (faults.stranger) {
      response.writeHead(404, { 'content-type': 'text/html' }).end('<html>It works!</html>')
    } else if (faults.fail?.test(route)) {
      response.writeHead(500, { 'content-type': 'application/json' }).end('{"message":"something broke"}')
    } else if (faults.garbage?.test(route)) {
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"half": [1, 2')
    } else if (faults.cut?.test(route)) {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' })
      response.write('[{"Id":', () => response.destroy())
    } else await handle(request, response, url)
  }

  const server = createServer((request, response) => {
    response.on('error', () => undefined)
    answer(request, response).catch((error: unknown) => {
      if (!response.headersSent) response.writeHead(500).end(String(error))
      else response.destroy()
    })
  })
  server.keepAliveTimeout = 1_000
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  const listen = async (): Promise<void> => {
    await rm(socketPath, { force: true })
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(socketPath, resolve))
  }
  const cutAll = (): void => {
    for (const socket of sockets) socket.destroy()
  }
  const crash = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve())
      cutAll()
    })

  await listen()
  return {
    socketPath,
    world,
    faults,
    requests,
    connections: () => sockets.size,
    dial: () => dialSocket(socketPath),
    cutAll,
    crash,
    listen,
    close: async () => {
      await crash()
      await rm(socketPath, { force: true })
    },
  }
}

/** A connection to a unix socket; rejects with the system's own error. */
export function dialSocket(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(path)
    socket.once('error', reject)
    socket.once('connect', () => {
      socket.off('error', reject)
      resolve(socket)
    })
  })
}
