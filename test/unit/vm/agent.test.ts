/** Both ends of the mux together: the product's host end against the guest's real agent, built with sanitizers. */
import { createHash, randomBytes } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { DatagramReader, encodeDatagram } from '../../../engine/providers/vm/datagrams.ts'
import { Mux } from '../../../engine/providers/vm/mux.ts'
import { encodeFrame, FRAME, RESYNC, WINDOW_BYTES } from '../../../engine/providers/vm/mux-frame.ts'
import { buildAgent, runAgent } from '../../support/vm-agent.ts'
import type { BuiltAgent, RunningAgent } from '../../support/vm-agent.ts'

const agent: BuiltAgent | null = await buildAgent()
if (!agent) console.log('skipped: the guest agent is not tried here (no C compiler)')

const hasIpv6 = Object.values(networkInterfaces()).some((list) => list?.some(({ address }) => address === '::1'))

let folder = ''
let echo: Server
let socketPath = ''
const agents: RunningAgent[] = []
const muxes: Mux[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'naru-mux-'))
  socketPath = join(folder, 'echo.sock')
  echo = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => undefined)
    socket.pipe(socket)
  })
  await once(echo.listen(socketPath), 'listening')
})

afterEach(async () => {
  muxes.splice(0).forEach((mux) => mux.close())
  for (const { line, ended } of agents.splice(0)) {
    line.destroy()
    expect(await ended).toEqual({ code: 0, said: '' })
  }
})

afterAll(async () => {
  echo.close()
  await agent?.remove()
  await rm(folder, { recursive: true, force: true })
})

function started(): RunningAgent {
  const running = runAgent(agent?.path ?? '')
  agents.push(running)
  return running
}

async function attached(running = started()): Promise<Mux> {
  const mux = await Mux.attach(running.line, { timeoutMs: 10_000 })
  muxes.push(mux)
  return mux
}

/** Sends all of `data`, ends, and gives what came back until the other side ended too. */
async function roundTrip(mux: Mux, data: Buffer): Promise<Buffer> {
  const stream = mux.open(`unix:${socketPath}`)
  const parts: Buffer[] = []
  stream.on('data', (part: Buffer) => parts.push(part))
  stream.end(data)
  await once(stream, 'end')
  return Buffer.concat(parts)
}

const digest = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')

describe.skipIf(!agent)('the mux, host and guest end', () => {
  it('answers questions by number, several at once', async () => {
    const mux = await attached()
    const [pong, clock, nothing] = await Promise.all([mux.ask('ping'), mux.ask('clock'), mux.ask('dance')])
    expect(pong).toBe('pong naru-agent 1')
    expect(Math.abs(Number(clock) - Date.now())).toBeLessThan(10_000)
    expect(nothing).toBe('unknown')
    expect(await mux.ask('stats')).toMatch(/^memoryTotal=\d+ memoryAvailable=\d+ diskTotal=\d+ diskFree=\d+ up=\d+$/)
  })

  it('carries bytes both ways with half-close, many streams at once', async () => {
    const mux = await attached()
    const sizes = [0, 1, 32_768, 32_769, WINDOW_BYTES, 3 * WINDOW_BYTES + 17, 2_000_000]
    const sent = sizes.map((size) => randomBytes(size))
    const came = await Promise.all(sent.map((data) => roundTrip(mux, data)))
    expect(came.map(digest)).toEqual(sent.map(digest))
    // Both directions ended: nothing is left of them.
    await expect.poll(() => mux.size).toBe(0)
  })

  it('goes over TCP, and tells when nobody listens', async () => {
    const mux = await attached()
    const server = createServer((socket) => socket.end('hello'))
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const { port } = server.address() as AddressInfo
    const stream = mux.open(`tcp:127.0.0.1:${port}`)
    expect(String((await once(stream, 'data'))[0])).toBe('hello')
    stream.end()
    await new Promise((resolve) => server.close(resolve))
    const refused = mux.open(`tcp:127.0.0.1:${port}`)
    await expect(once(refused, 'end')).rejects.toMatchObject({ code: 'engine.unreachable' })
    const absent = mux.open(`unix:${folder}/nobody.sock`)
    await expect(once(absent, 'end')).rejects.toMatchObject({ code: 'engine.unreachable' })
    const elsewhere = mux.open('log:../etc/passwd')
    await expect(once(elsewhere, 'end')).rejects.toMatchObject({ code: 'engine.unreachable' })
  })

  it.each([['udp4', '127.0.0.1', '127.0.0.1'], ['udp6', '::1', '[::1]']] as const)('carries datagrams whole: %s', async (type, address, shown) => {
    if (type === 'udp6' && !hasIpv6) return console.log('skipped: datagrams over IPv6 are not tried here (no ::1)')
    const mux = await attached()
    const server = createSocket(type)
    server.on('message', (datagram, from) => server.send(Buffer.from(datagram).reverse(), from.port, from.address))
    server.bind(0, address)
    await once(server, 'listening')
    const stream = mux.open(`udp:${shown}:${server.address().port}`)
    stream.on('error', () => undefined)
    const came: Buffer[] = []
    const reader = new DatagramReader((datagram) => came.push(Buffer.from(datagram)))
    stream.on('data', (chunk: Buffer) => reader.push(chunk))
    for (const size of [1, 0, 1_400, 60_000, 3]) {
      const before = came.length
      const sent = randomBytes(size)
      stream.write(encodeDatagram(sent))
      await expect.poll(() => came.length, { timeout: 10_000 }).toBe(before + 1)
      expect(digest(came[before] ?? Buffer.alloc(1))).toBe(digest(Buffer.from(sent).reverse()))
    }
    // A half-close has no meaning among datagrams: it ends the stream.
    stream.end()
    await expect.poll(() => mux.size).toBe(0)
    server.close()
  })

  it('datagrams that find nobody are lost; the next one finds who came', async () => {
    const mux = await attached()
    // An address nobody else of this machine uses: the port is still free when it is taken again.
    const address = `127.${process.pid & 127}.${(process.pid >> 7) & 127}.77`
    const server = createSocket('udp4')
    server.bind(0, address)
    await once(server, 'listening')
    const { port } = server.address()
    await new Promise<void>((resolve) => server.close(() => resolve()))
    const stream = mux.open(`udp:${address}:${port}`)
    stream.on('error', () => undefined)
    for (let i = 0; i < 5; i += 1) stream.write(encodeDatagram(Buffer.from('lost')))
    expect(await mux.ask('ping')).toContain('pong')
    const again = createSocket('udp4')
    again.bind(port, address)
    await once(again, 'listening')
    const heard = once(again, 'message')
    stream.write(encodeDatagram(Buffer.from('found')))
    expect(String((await heard)[0])).toBe('found')
    again.close()
    stream.destroy()
  })

  it('a flood of datagrams to a reader that stops is lost, and costs the others nothing', async () => {
    const mux = await attached()
    const server = createSocket('udp4')
    let flooding = true
    server.on('message', (_, from) => {
      const more = (): void => {
        if (!flooding) return
        server.send(Buffer.alloc(8_000), from.port, from.address, () => setImmediate(more))
      }
      more()
    })
    server.bind(0, '127.0.0.1')
    await once(server, 'listening')
    const stalled = mux.open(`udp:127.0.0.1:${server.address().port}`)
    stalled.on('error', () => undefined)
    stalled.write(encodeDatagram(Buffer.from('begin')))
    await once(stalled, 'readable')
    const data = randomBytes(500_000)
    expect(digest(await roundTrip(mux, data))).toBe(digest(data))
    expect(stalled.readableLength).toBeLessThanOrEqual(WINDOW_BYTES + 65_536)
    flooding = false
    stalled.destroy()
    server.close()
  })

  it('a reader that stops holds up its own stream alone, and no more than the window', async () => {
    const mux = await attached()
    let produced = 0
    const flood = createServer((socket) => {
      socket.on('error', () => undefined)
      const more = (): void => {
        while (socket.writable && socket.write(Buffer.alloc(16_384))) produced += 16_384
        produced += 16_384
      }
      socket.on('drain', more)
      more()
    })
    const path = join(folder, 'flood.sock')
    await once(flood.listen(path), 'listening')
    const stalled = mux.open(`unix:${path}`)
    await once(stalled, 'readable')
    // The others still go at full speed.
    const data = randomBytes(1_000_000)
    expect(digest(await roundTrip(mux, data))).toBe(digest(data))
    expect(stalled.readableLength).toBeLessThanOrEqual(WINDOW_BYTES + 65_536)
    const before = produced
    await roundTrip(mux, data)
    expect(produced).toBe(before)
    stalled.destroy()
    flood.close()
  })

  it('a new host takes over in the middle of anything: the old streams are gone, nothing of them arrives', async () => {
    const running = started()
    const got: Buffer[] = []
    const closed: Promise<unknown>[] = []
    const sink = createServer((socket) => {
      socket.on('error', () => undefined)
      socket.on('data', (part) => got.push(part))
      closed.push(once(socket, 'close'))
    })
    const path = join(folder, 'sink.sock')
    await once(sink.listen(path), 'listening')
    const payload = Buffer.alloc(1000, 'x')
    const whole = Buffer.concat([RESYNC, encodeFrame(0, FRAME.RST, Buffer.alloc(8, 1)), encodeFrame(9, FRAME.OPEN, Buffer.from(`unix:${path}`)), encodeFrame(9, FRAME.DATA, payload)])
    const cut = encodeFrame(9, FRAME.DATA, payload).subarray(0, 500)
    running.line.write(Buffer.concat([whole, cut]))
    await expect.poll(() => Buffer.concat(got).length).toBe(1000)
    const mux = await attached(running)
    expect(await mux.ask('ping')).toContain('pong')
    await Promise.all(closed)
    expect(Buffer.concat(got)).toEqual(payload)
    sink.close()
  })

  it('refuses a host that sends more than it was allowed', async () => {
    const running = started()
    const deaf = createServer((socket) => {
      socket.pause()
      socket.on('error', () => undefined)
    })
    const path = join(folder, 'deaf.sock')
    await once(deaf.listen(path), 'listening')
    const mux = await attached(running)
    const frame = encodeFrame(77, FRAME.DATA, Buffer.alloc(32_768))
    running.line.write(encodeFrame(77, FRAME.OPEN, Buffer.from(`unix:${path}`)))
    for (let i = 0; i < 40; i += 1) running.line.write(frame)
    expect(await mux.ask('ping')).toContain('pong')
    deaf.close()
  })

  it('the agent survives any bytes and is in step again at once', async () => {
    const running = started()
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(fc.uint8Array({ maxLength: 400 }), noise()), { maxLength: 12 }), async (pieces) => {
        for (const piece of pieces) running.line.write(piece)
        await turn()
        const nonce = randomBytes(8)
        const answer = waitFor(running.line, encodeFrame(0, FRAME.RST, nonce))
        running.line.write(Buffer.concat([RESYNC, encodeFrame(0, FRAME.RST, nonce)]))
        await answer
      }),
      { numRuns: 150 },
    )
    expect(await (await attached(running)).ask('ping')).toContain('pong')
  })
})

/** Frames that are well formed and make no sense. */
function noise(): fc.Arbitrary<Uint8Array> {
  const type = fc.constantFrom(FRAME.OPEN, FRAME.DATA, FRAME.FIN, FRAME.RST, FRAME.WIN)
  const text = fc.constantFrom('unix:/nowhere', 'tcp:127.0.0.1:1', 'tcp:', 'tcp:[::1]:1', 'tcp:[:1', 'tcp:[', 'udp:127.0.0.1:9', 'udp:[::1]:9', 'udp:', 'log:', 'log:dockerd', '', '1 ping', '2 stats', '3 time 0')
  return fc
    .tuple(fc.integer({ min: 0, max: 5 }), type, fc.oneof(text.map((each) => Buffer.from(each)), fc.uint8Array({ maxLength: 60 })))
    // A nonce is the only payload of a RST on stream 0; any other would be echoed, and so is no noise.
    .map(([stream, kind, payload]) => encodeFrame(stream, kind, payload))
}

function waitFor(line: Socket, wanted: Buffer): Promise<void> {
  return new Promise((resolve) => {
    let bytes = Buffer.alloc(0)
    const onData = (part: Buffer): void => {
      bytes = Buffer.concat([bytes, part])
      if (!bytes.includes(wanted)) return
      line.off('data', onData)
      resolve()
    }
    line.on('data', onData)
  })
}
