/** Stands before a registry and answers in its place: what registries say when they refuse. */
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface RegistryFront {
  /** `127.0.0.1:PORT` */
  readonly host: string
  /** `open`: everything passes. */
  mood: 'open' | 'unauthorized' | 'limited' | 'gone'
  /** Where logins are to be sent (token authentication); whoever comes without {@link TOKEN} is told so. */
  realm?: string | undefined
  /** Every request is led there instead. */
  redirect?: string | undefined
  /** Manifests asked for so far. */
  asked: number
  readonly close: () => Promise<void>
}

/** What a token server gives, and a front with a realm wants. */
const TOKEN = 'front-door-token'

const REFUSALS = {
  unauthorized: [401, 'UNAUTHORIZED', 'authentication required'],
  limited: [429, 'TOOMANYREQUESTS', 'You have reached your pull rate limit.'],
  gone: [404, 'MANIFEST_UNKNOWN', 'manifest unknown'],
} as const

export async function openRegistryFront(port: number): Promise<RegistryFront> {
  const server = createServer((asked, answer) => {
    if (front.redirect !== undefined) {
      answer.writeHead(307, { location: front.redirect }).end()
      return
    }
    if (front.realm !== undefined && asked.headers.authorization !== `Bearer ${TOKEN}`) {
      answer.writeHead(401, { 'www-authenticate': `Bearer realm="${front.realm}",service="naru-test"` }).end()
      return
    }
    const manifest = asked.url?.includes('/manifests/') ?? false
    if (manifest) front.asked += 1
    if (front.mood !== 'open' && (manifest || front.mood === 'unauthorized')) {
      const [status, code, message] = REFUSALS[front.mood]
      const realm = front.mood === 'unauthorized' ? { 'www-authenticate': 'Basic realm="naru-test"' } : {}
      answer.writeHead(status, { 'content-type': 'application/json', ...realm }).end(JSON.stringify({ errors: [{ code, message }] }))
      return
    }
    const passed = request({ host: '127.0.0.1', port, method: asked.method, path: asked.url, headers: asked.headers }, (reply) => {
      answer.writeHead(reply.statusCode ?? 500, reply.headers)
      reply.pipe(answer)
    })
    passed.on('error', () => answer.destroy())
    asked.pipe(passed)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const front: RegistryFront = {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    mood: 'open',
    asked: 0,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  return front
}

export interface TokenServer {
  /** `http://HOST:PORT/token` */
  readonly realm: string
  /** `HOST:PORT` */
  readonly host: string
  /** Logins that arrived: `user:password`. */
  readonly logins: readonly string[]
  readonly close: () => Promise<void>
}

/** Gives whoever logs in the token that fronts with its realm want. On loopback, under a name that is not the fronts'. */
export async function openTokenServer(): Promise<TokenServer> {
  const name = 'localhost'
  const logins: string[] = []
  const server = createServer((asked, answer) => {
    const basic = /^Basic (.+)$/.exec(asked.headers.authorization ?? '')?.[1]
    if (basic) logins.push(Buffer.from(basic, 'base64').toString())
    answer.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ token: TOKEN, access_token: TOKEN, expires_in: 300 }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const host = `${name}:${(server.address() as AddressInfo).port}`
  return {
    realm: `http://${host}/token`,
    host,
    logins,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
