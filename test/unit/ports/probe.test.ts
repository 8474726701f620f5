import { createServer as createHttpServer } from 'node:http'
import { createServer } from 'node:net'
import type { AddressInfo, Server } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { probePorts } from '../../../engine/ports/probe.ts'
import { row } from '../../support/rows.ts'

const servers: Server[] = []
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))))
})

async function listening(server: Server): Promise<number> {
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

async function probe(hostPort: number, more: { hostIp?: string; protocol?: 'tcp' | 'udp'; state?: 'running' | 'paused' } = {}) {
  const { hostIp = '127.0.0.1', protocol = 'tcp', state = 'running' } = more
  const web = row({ state, ports: [{ containerPort: 80, protocol, hostIp, hostPort }] })
  const [port] = await probePorts([web], AbortSignal.timeout(5_000))
  return [port?.reachability, port?.http]
}

describe('probePorts', () => {
  it('tells a web server', async () => {
    expect(await probe(await listening(createHttpServer((_request, answer) => answer.end('hi'))))).toEqual(['reachable', true])
  })
  it('reaches the web server through the any-address', async () => {
    const port = await listening(createHttpServer((_request, answer) => answer.end('hi')))
    expect(await probe(port, { hostIp: '0.0.0.0' })).toEqual(['reachable', true])
  })
  it('tells a server that talks something else, or says nothing', async () => {
    expect(await probe(await listening(createServer((socket) => socket.end('-ERR what?\r\n'))))).toEqual(['reachable', false])
    expect(await probe(await listening(createServer((socket) => socket.on('data', () => socket.end()))))).toEqual(['reachable', false])
  })
  it('tells a proxy with nobody behind it from a server', async () => {
    expect(await probe(await listening(createServer((socket) => socket.destroy())))).toEqual(['refused', false])
  })
  it('tells a closed port', async () => {
    const server = createServer()
    const port = await listening(server)
    await new Promise((resolve) => servers.pop()?.close(resolve))
    expect(await probe(port)).toEqual(['refused', false])
  })
  it('does not try what cannot be tried', async () => {
    expect(await probe(53, { protocol: 'udp' })).toEqual(['not-testable', false])
    expect(await probe(80, { hostIp: '192.0.2.1' })).toEqual(['bound-elsewhere', false])
    expect(await probe(80, { state: 'paused' })).toEqual(['not-running', false])
  })
  it('leaves out ports that are only exposed', async () => {
    expect(await probePorts([row({ ports: [{ containerPort: 80, protocol: 'tcp' }] })], AbortSignal.timeout(100))).toEqual([])
  })
})
