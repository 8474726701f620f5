import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer as createHttpServer } from 'node:http'
import type { ServerResponse } from 'node:http'
import { createConnection, createServer } from 'node:net'
import type { AddressInfo, Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { duplexPair, PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { DatagramReader, encodeDatagram } from '../../../engine/providers/vm/datagrams.ts'
import { PortForwards } from '../../../engine/providers/vm/forwards.ts'
import { Flows, FLOWS_MAX } from '../../../engine/providers/vm/listeners.ts'
import { Nap } from '../../../engine/providers/vm/nap.ts'
import { watchPorts } from '../../../engine/providers/vm/port-watch.ts'
import { publishedPorts } from '../../../engine/providers/vm/published.ts'
import type { PublishedPort } from '../../../engine/providers/vm/published.ts'
import { portPassage } from '../../../engine/providers/vm/traffic.ts'

const container = (id: string, ...ports: unknown[]): unknown => ({ Id: id, Ports: ports })
const tcp = (port: number, address = '127.0.0.1', containerId = 'c1'): PublishedPort => ({ address, port, protocol: 'tcp', containerId, target: `tcp:127.0.0.1:${port}` })

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer()
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** Stands in the guest's place: tells which address it was asked for. */
let guest: Server
let folder = ''
const asked: string[] = []
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'naru-fw-'))
  guest = createServer((socket) => socket.end('from inside'))
  await once(guest.listen(join(folder, 'guest.sock')), 'listening')
})
afterAll(async () => {
  guest.close()
  await rm(folder, { recursive: true, force: true })
})

const logged: string[] = []
const all: PortForwards[] = []
function forwards(): PortForwards {
  const made = new PortForwards((target) => {
    asked.push(target)
    return createConnection({ path: join(folder, 'guest.sock'), allowHalfOpen: true })
  }, (line) => logged.push(line))
  all.push(made)
  return made
}
afterEach(async () => {
  await Promise.all(all.splice(0).map((each) => each.close()))
  logged.length = 0
  asked.length = 0
})

const page = (port: number): Promise<string> => {
  const socket = createConnection({ port, host: '127.0.0.1' })
  socket.end()
  return text(socket)
}
const refused = (port: number): Promise<unknown> => expect(once(createConnection({ port, host: '127.0.0.1' }), 'connect')).rejects.toMatchObject({ code: 'ECONNREFUSED' })

describe('ports that containers publish', () => {
  it('are read from the engine’s list, each listener once', () => {
    const one = { IP: '0.0.0.0', PrivatePort: 80, PublicPort: 8080, Type: 'tcp' }
    expect(publishedPorts([container('a', one, { ...one, IP: '::' }, { PrivatePort: 443, Type: 'tcp' }), container('b', { ...one, PublicPort: 53, Type: 'udp' }), container('c', one)])).toEqual([
      { address: '0.0.0.0', port: 8080, protocol: 'tcp', containerId: 'c', target: 'tcp:127.0.0.1:8080' },
      { address: '::', port: 8080, protocol: 'tcp', containerId: 'a', target: 'tcp:[::1]:8080' },
      { address: '0.0.0.0', port: 53, protocol: 'udp', containerId: 'b', target: 'udp:127.0.0.1:53' },
    ])
  })

  it('lead where the engine answers: at the same loopback address, or for an address of the host alone in the container', () => {
    const at = (IP: string): unknown => ({ IP, PrivatePort: 80, PublicPort: 8080, Type: 'tcp' })
    const one = { Id: 'a', Ports: [at('127.0.0.2'), at('::1'), at('192.0.2.7')], NetworkSettings: { Networks: { none: { IPAddress: '' }, web: { IPAddress: '172.18.0.3' } } } }
    expect(publishedPorts([one]).map(({ target }) => target)).toEqual(['tcp:127.0.0.2:8080', 'tcp:[::1]:8080', 'tcp:172.18.0.3:80'])
    // Without an address inside there is no way, and no listener that would lie.
    expect(publishedPorts([{ ...one, NetworkSettings: {} }]).map(({ address }) => address)).toEqual(['127.0.0.2', '::1'])
  })

  it('whatever the answer is, it is read or left out', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => void expect(Array.isArray(publishedPorts(value))).toBe(true)))
    expect(publishedPorts([container('a', { PublicPort: 70_000, Type: 'tcp' }, { PublicPort: 1, Type: 'sctp' }, null)])).toEqual([])
  })
})

describe('listeners on the host', () => {
  it('come and go with what is wanted, and lead to the port in the guest', async () => {
    const port = await freePort()
    const each = forwards()
    await each.update([tcp(port)])
    expect(await page(port)).toBe('from inside')
    expect(asked).toEqual([`tcp:127.0.0.1:${port}`])
    await each.update([])
    await refused(port)
    expect(each.states()).toEqual([])
  })

  it('are bound where they were asked for: both families side by side', async () => {
    const port = await freePort()
    const each = forwards()
    await each.update([tcp(port, '0.0.0.0'), tcp(port, '::')])
    expect(each.states().filter(({ error }) => error !== undefined && error !== 'EAFNOSUPPORT' && error !== 'EADDRNOTAVAIL')).toEqual([])
    expect(await page(port)).toBe('from inside')
  })

  it('a taken port is told once, and opens by itself when it is free', async () => {
    const holder = createServer()
    await once(holder.listen(0, '127.0.0.1'), 'listening')
    const { port } = holder.address() as AddressInfo
    const each = forwards()
    const told: string[][] = []
    each.onFailed(() => told.push(each.failed().map(({ error }) => error)))
    await each.update([tcp(port)])
    await each.update([tcp(port)])
    expect(each.states()).toEqual([{ port: tcp(port), error: 'EADDRINUSE' }])
    expect(logged).toHaveLength(1)
    await new Promise((resolve) => holder.close(resolve))
    await expect.poll(() => each.states(), { timeout: 20_000 }).toEqual([{ port: tcp(port) }])
    expect(await page(port)).toBe('from inside')
    expect(told).toEqual([['EADDRINUSE'], []])
  })

  it('a taken port nobody wants any more is forgotten', async () => {
    const holder = createServer()
    await once(holder.listen(0, '127.0.0.1'), 'listening')
    const { port } = holder.address() as AddressInfo
    const each = forwards()
    await each.update([tcp(port)])
    await each.update([])
    expect(each.failed()).toEqual([])
    await new Promise((resolve) => holder.close(resolve))
    await refused(port)
  })

  it('a container that started again is found at its new address, through the same listener', async () => {
    const port = await freePort()
    const each = forwards()
    await each.update([tcp(port)])
    await each.update([{ ...tcp(port), target: 'tcp:172.17.0.9:80' }])
    await page(port)
    expect(asked).toEqual(['tcp:172.17.0.9:80'])
  })

  it('datagrams: each sender gets its own answers; a taken port is told like any other', async () => {
    const opened: string[] = []
    const each = new PortForwards((target) => {
      opened.push(target)
      // The guest sends back what it was sent, behind a number of its own per stream.
      const number = opened.length
      const [host, inside] = duplexPair()
      const reader = new DatagramReader((datagram) => inside.write(encodeDatagram(Buffer.from(`${number} ${datagram.toString()}`))))
      inside.on('data', (chunk: Buffer) => reader.push(chunk))
      return host
    }, () => undefined)
    all.push(each)
    const senders = [createSocket('udp4'), createSocket('udp4')] as const
    const port = await freePort()
    const published: PublishedPort = { address: '127.0.0.1', port, protocol: 'udp', containerId: 'c1', target: 'udp:127.0.0.1:53' }
    await each.update([published, tcp(port)])
    expect(each.failed()).toEqual([])
    const ask = async (sender: (typeof senders)[number], text: string): Promise<string> => {
      const heard = once(sender, 'message')
      sender.send(text, port, '127.0.0.1')
      return String((await heard)[0])
    }
    expect([await ask(senders[0], 'a'), await ask(senders[1], 'b'), await ask(senders[0], 'c')]).toEqual(['1 a', '2 b', '1 c'])
    expect(opened).toEqual(['udp:127.0.0.1:53', 'udp:127.0.0.1:53'])
    const second = forwards()
    await second.update([published])
    expect(second.failed()).toEqual([{ port: published, error: 'EADDRINUSE' }])
    await each.update([])
    const holder = createSocket('udp4')
    holder.bind(port, '127.0.0.1')
    await once(holder, 'listening')
    holder.close()
    for (const sender of senders) sender.close()
  })

  it('a datagram wakes a machine that naps and is let in then; who waits for an answer keeps it awake, an answered one does not', async () => {
    const came: string[] = []
    const did: string[] = []
    let wake = (): void => undefined
    const nap = new Nap({
      rules: { afterMs: 50, withContainers: false },
      pause: async () => void did.push('pause'),
      resume: () => new Promise<void>((resolve) => {
        did.push('resume')
        wake = resolve
      }),
      log: (line) => did.push(line),
    })
    nap.containers(0)
    let answers = true
    const each = new PortForwards(() => {
      const [host, inside] = duplexPair()
      const reader = new DatagramReader((datagram) => {
        came.push(`${nap.phase}: ${datagram.toString()}`)
        if (answers) inside.write(encodeDatagram(Buffer.from('answer')))
      })
      inside.on('data', (chunk: Buffer) => reader.push(chunk))
      return host
    }, () => undefined, () => portPassage(nap))
    all.push(each)
    const port = await freePort()
    await each.update([{ address: '127.0.0.1', port, protocol: 'udp', containerId: 'c1', target: 'udp:127.0.0.1:53' }])
    const socket = createSocket('udp4')
    const send = (text: string): void => socket.send(text, port, '127.0.0.1')
    await expect.poll(() => nap.phase).toBe('napping')
    const heard = once(socket, 'message')
    send('one')
    send('two')
    await expect.poll(() => did).toEqual(['pause', 'resume'])
    expect(came).toEqual([])
    wake()
    expect(String((await heard)[0])).toBe('answer')
    await expect.poll(() => came).toEqual(['awake: one', 'awake: two'])
    await expect.poll(() => nap.phase).toBe('napping')
    // The same sender once more, and nobody answers.
    answers = false
    send('three')
    await expect.poll(() => did.filter((act) => act === 'resume').length).toBe(2)
    wake()
    await expect.poll(() => came.at(-1)).toBe('awake: three')
    expect(nap.facts.holds).toBe(1)
    await each.close()
    expect(nap.facts.holds).toBe(0)
    nap.end()
    socket.close()
  })

  it('senders of datagrams are bounded: the one that was silent longest ends first', () => {
    const flows = new Flows()
    const streams = Array.from({ length: FLOWS_MAX + 1 }, () => new PassThrough())
    const [first, second] = streams
    streams.slice(0, -1).forEach((stream) => flows.add(stream))
    if (first) flows.used(first)
    flows.add(streams.at(-1) ?? expect.fail('no stream'))
    expect([first?.destroyed, second?.destroyed]).toEqual([false, true])
    flows.close()
    expect(streams.every(({ destroyed }) => destroyed)).toBe(true)
  })

  it('nothing is opened after the end', async () => {
    const port = await freePort()
    const each = forwards()
    await each.close()
    await each.update([tcp(port)])
    await refused(port)
  })
})

describe('watching an engine', () => {
  it('follows its events, and begins again when it was away', async () => {
    const port = await freePort()
    let containers: unknown[] = []
    const streams: ServerResponse[] = []
    const engine = createHttpServer((call, response) => {
      if (call.url?.startsWith('/events')) {
        response.writeHead(200)
        response.flushHeaders()
        streams.push(response)
      } else response.end(JSON.stringify(containers))
    })
    const path = join(folder, 'engine.sock')
    await once(engine.listen(path), 'listening')
    const over = new AbortController()
    const each = forwards()
    const watching = watchPorts(path, each, { signal: over.signal, log: () => undefined })
    await expect.poll(() => streams.length).toBe(1)
    containers = [container('c1', { IP: '127.0.0.1', PrivatePort: 80, PublicPort: port, Type: 'tcp' })]
    streams[0]?.write('{"Type":"container"}\n')
    await expect.poll(() => each.states()).toEqual([{ port: tcp(port) }])
    containers = []
    streams[0]?.destroy()
    await expect.poll(() => streams.length, { timeout: 10_000 }).toBe(2)
    await expect.poll(() => each.states()).toEqual([])
    over.abort()
    await watching
    engine.close()
  })
})
