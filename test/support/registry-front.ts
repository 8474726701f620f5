/** Stands before a registry and answers in its place: what registries say when they refuse. */
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface RegistryFront {
  /** `127.0.0.1:PORT` */
  readonly host: string
  /** `open`: everything passes. */
  mood: 'open' | 'unauthorized' | 'limited' | 'gone'
  /** Manifests asked for so far. */
  asked: number
  readonly close: () => Promise<void>
}

const REFUSALS = {
  unauthorized: [401, 'UNAUTHORIZED', 'authentication required'],
  limited: [429, 'TOOMANYREQUESTS', 'You have reached your pull rate limit.'],
  gone: [404, 'MANIFEST_UNKNOWN', 'manifest unknown'],
} as const

export async function openRegistryFront(port: number): Promise<RegistryFront> {
  const server = createServer((asked, answer) => {
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
