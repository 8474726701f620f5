/** The least that passes for a container engine on a unix socket: /_ping, /version, /info, containers and stop. */
import { rename } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

export interface MiniEngineOptions {
  /** `hang` accepts and never answers; `stranger` answers like a web server that is no engine. */
  readonly behaviour?: 'engine' | 'hang' | 'stranger'
  readonly version?: string
  readonly apiVersion?: string
  /** Ids of running containers. */
  readonly running?: readonly string[]
}

export interface MiniEngine {
  readonly path: string
  readonly requests: string[]
  readonly connections: () => number
  /** Stops answering without closing anything, or answers again. */
  readonly freeze: (frozen: boolean) => void
  /** Ends in order: the socket file goes. */
  readonly close: () => Promise<void>
  /** Ends as by SIGKILL: connections cut, socket file left behind. */
  readonly kill: () => Promise<void>
}

export async function startMiniEngine(path: string, options: MiniEngineOptions = {}): Promise<MiniEngine> {
  const requests: string[] = []
  const sockets = new Set<Socket>()
  const running = new Set(options.running)
  let frozen = options.behaviour === 'hang'

  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const route = `${request.method} ${(request.url ?? '').replace(/^\/v\d+\.\d+/, '')}`
    requests.push(route)
    if (frozen) return
    const json = (body: unknown): void => {
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify(body))
    }
    if (options.behaviour === 'stranger') {
      response.statusCode = 404
      response.end('<html>It works!</html>')
      return
    }
    const apiVersion = options.apiVersion ?? '1.44'
    response.setHeader('api-version', apiVersion)
    if (route.includes('/_ping')) response.end('OK')
    else if (route.includes('/version')) {
      json({ Version: options.version ?? '28.0.0', ApiVersion: apiVersion, MinAPIVersion: '1.24', Os: 'linux', Arch: 'amd64' })
    } else if (route.includes('/info')) json({ ID: 'mini', Driver: 'overlay2', CgroupDriver: 'cgroupfs', SecurityOptions: [] })
    else if (route.includes('/containers/json')) json([...running].map((Id) => ({ Id, State: 'running' })))
    else {
      const stop = /^POST \/containers\/([^/]+)\/stop/.exec(route)
      if (stop) running.delete(stop[1] ?? '')
      response.statusCode = stop ? 204 : 404
      response.end()
    }
  }

  const server = createServer(answer)
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, resolve)
  })
  const close = async (): Promise<void> => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    for (const socket of sockets) socket.destroy()
    await closed
  }
  return {
    path,
    requests,
    connections: () => sockets.size,
    freeze: (on) => {
      frozen = on
    },
    close,
    kill: async () => {
      // Closing unlinks the path it was bound to: out of the way first, so that a dead socket stays behind.
      await rename(path, `${path}.dead`)
      await close()
      await rename(`${path}.dead`, path)
    },
  }
}
