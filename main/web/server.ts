/**
 * The web shell's door: HTTP and WebSocket on 127.0.0.1 only. Every request must name this very host (DNS rebinding),
 * carry the session's cookie, and come from the app's own page where the browser says where it comes from.
 */
import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import type { WebSocket } from 'ws'
import { LINK_LIMITS } from '../../engine/contract/contract.ts'
import { LINK_PATH } from '../../engine/contract/shell.ts'
import { BOOT_PATH, bootForm, enterPage } from './boot.ts'
import type { BootPage } from './boot.ts'
import type { Session } from './session.ts'

const BODY_LIMIT = 512
const CONNECTION_LIMIT = 256

export interface WebServerOptions {
  /** 0 = any free port. */
  readonly port: number
  readonly session: Session
  readonly assets: (request: Request) => Promise<Response>
  /** A page connected; the socket is its link. */
  readonly onLink: (socket: WebSocket) => void
  /** A token was exchanged. */
  readonly onEnter: () => void
}

export interface WebServer {
  /** `http://127.0.0.1:PORT`. */
  readonly origin: string
  /** Pages connected now. */
  readonly links: () => number
  readonly close: () => Promise<void>
}

const ALWAYS = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' }

function end(response: ServerResponse, status: number, headers: Record<string, string> = {}, body = ''): void {
  response.writeHead(status, { ...ALWAYS, ...headers })
  response.end(body)
}

function endPage(response: ServerResponse, page: BootPage, headers: Record<string, string> = {}): void {
  const policy = { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': page.contentSecurityPolicy }
  end(response, 200, { ...policy, ...headers }, page.html)
}

/** Body as text, or undefined when it is longer than a token form can be. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const parts: Buffer[] = []
  let size = 0
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length
    if (size > BODY_LIMIT) return undefined
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}

function listen(server: Server, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject)
      // Later ones are of single connections (no descriptor left): no reason to end.
      server.on('error', () => undefined)
      resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    })
  })
}

/** Opens the door. Rejects when the port is taken. */
export async function startWebServer(options: WebServerOptions): Promise<WebServer> {
  const { session, assets, onLink, onEnter } = options
  const server = createServer({ headersTimeout: 10_000, requestTimeout: 20_000, maxHeaderSize: 16_384 })
  server.maxConnections = CONNECTION_LIMIT
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: LINK_LIMITS.frameBytes })
  const origin = await listen(server, options.port)
  const host = origin.slice('http://'.length)
  const ownOrigin = (request: IncomingMessage): boolean => request.headers.origin === origin

  const exchange = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    // The boot file has no origin ("null"); any site that has one and is not ours may not post here.
    const from = request.headers.origin
    if (from !== undefined && from !== 'null' && from !== origin) return end(response, 403)
    const body = await readBody(request)
    if (body === undefined) return end(response, 413, { connection: 'close' })
    if (!session.redeem(new URLSearchParams(body).get('t') ?? '')) return end(response, 403)
    onEnter()
    endPage(response, enterPage(session.room), { 'set-cookie': session.setCookie(), 'content-location': session.room })
  }

  const serveAsset = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (!session.holds(request.headers.cookie)) return end(response, 403)
    const from = request.headers.origin
    if (from !== undefined && from !== origin) return end(response, 403)
    if (request.method !== 'GET' && request.method !== 'HEAD') return end(response, 405)
    const path = (request.url ?? '/').slice(session.room.length - 1)
    if (!request.url?.startsWith(session.room)) return end(response, 404)
    const answer = await assets(new Request(new URL(path, origin), { method: request.method }))
    response.writeHead(answer.status, Object.fromEntries(answer.headers))
    response.end(request.method === 'HEAD' ? undefined : Buffer.from(await answer.arrayBuffer()))
  }

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.headers.host !== host) return end(response, 421)
    const url = new URL(request.url ?? '/', origin)
    if (url.pathname !== BOOT_PATH) return serveAsset(request, response)
    if (request.method === 'POST') return exchange(request, response)
    if (request.method === 'GET') return endPage(response, bootForm(origin, url.searchParams.get('t') ?? '', true))
    end(response, 405)
  }

  server.on('request', (request, response) => {
    handle(request, response).catch(() => {
      if (response.headersSent) response.destroy()
      else end(response, 400)
    })
  })

  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy())
    const refuse = (line: string): void => void socket.end(`HTTP/1.1 ${line}\r\nConnection: close\r\n\r\n`)
    if (request.headers.host !== host) return refuse('421 Misdirected Request')
    if (!ownOrigin(request) || !session.holds(request.headers.cookie)) return refuse('403 Forbidden')
    if (request.url !== session.room + LINK_PATH) return refuse('404 Not Found')
    sockets.handleUpgrade(request, socket, head, onLink)
  })

  return {
    origin,
    links: () => sockets.clients.size,
    close: async () => {
      for (const client of sockets.clients) client.terminate()
      await new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
    },
  }
}
