/** What the ends do with frames no honest peer sends. */
import { MessageChannel } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { connectLink } from '../../engine/link/client.ts'
import { portTransport } from '../../engine/link/port.ts'
import { FRAME } from '../../engine/link/transport.ts'
import type { Frame } from '../../engine/link/transport.ts'
import { encodeFrame } from '../../engine/link/codec.ts'
import { websocketTransport } from '../../engine/link/websocket.ts'
import type { SocketLike } from '../../engine/link/websocket.ts'
import { useHarness, whenAborted } from './harness.ts'
import { PIPES } from './transports.ts'

describe.each(PIPES)('protocol over $name', ({ open }) => {
  const harness = useHarness(open)

  it('answers a call it does not know instead of staying silent', async () => {
    const { client } = await harness.serve({})
    const answer = new Promise<Frame>((resolve) => client.onMessage(resolve))
    client.send([FRAME.call, 7, 'nobody.knows', null])
    expect(await answer).toMatchObject([FRAME.error, 7, { code: 'invalid-request' }])
  })

  it('ignores credit and cancel for what has ended', async () => {
    const { client } = await harness.serve({ methods: { 'logs.close': async () => ({}) } })
    const answer = new Promise<Frame>((resolve) => client.onMessage(resolve))
    client.send([FRAME.credit, 5, 1])
    client.send([FRAME.cancel, 5])
    client.send([FRAME.call, 6, 'logs.close', { viewId: 'v' }])
    expect(await answer).toEqual([FRAME.ok, 6, {}])
  })

  it('closes on an id used twice at once, aborting the handler', async () => {
    let signal: AbortSignal | null = null
    const { client } = await harness.serve({
      methods: { 'logs.close': (_arg, context) => ((signal = context.signal), new Promise(() => undefined)) },
    })
    const closed = new Promise<void>((resolve) => client.onClose(() => resolve()))
    client.onMessage(() => undefined)
    client.send([FRAME.call, 1, 'logs.close', { viewId: 'v' }])
    client.send([FRAME.call, 1, 'logs.close', { viewId: 'v' }])
    await closed
    expect(signal).not.toBeNull()
    await whenAborted(signal as unknown as AbortSignal)
  })

  it('closes on frames that go the other way, at both ends', async () => {
    const { client } = await harness.serve({})
    const closed = new Promise<void>((resolve) => client.onClose(() => resolve()))
    client.onMessage(() => undefined)
    client.send([FRAME.ok, 1, null])
    await closed

    const pipe = await harness.pipe()
    const link = connectLink(pipe.client)
    pipe.server.onMessage(() => undefined)
    pipe.server.send([FRAME.call, 1, 'app.info', {}])
    await link.closed
  })

  it('delivers frames that came before anybody received', async () => {
    const { client, server } = await harness.pipe()
    for (let n = 1; n <= 5; n++) client.send([FRAME.end, n])
    await new Promise((resolve) => setTimeout(resolve, 30))
    const got: number[] = []
    server.onMessage((frame) => got.push(frame[1]))
    await expect.poll(() => got).toEqual([1, 2, 3, 4, 5])
    expect(() => server.onMessage(() => undefined)).toThrow()
  })

  it('tells both ends of a close, late listeners too, and drops what is sent after', async () => {
    const { client, server } = await harness.pipe()
    client.onMessage(() => undefined)
    server.onMessage(() => undefined)
    const far = new Promise<void>((resolve) => server.onClose(() => resolve()))
    client.close()
    client.close()
    await far
    let late = 0
    client.onClose(() => late++)
    server.onClose(() => late++)
    expect(late).toBe(2)
    client.send([FRAME.end, 1])
    server.send([FRAME.end, 1])
  })
})

describe('malformed messages', () => {
  it.each([null, 'text', 5, {}, [], [0], [1, 0, null], [99, 1], [4, 1, 'items'], [0, 1, 5, {}]])(
    'closes a port that receives %j',
    async (junk) => {
      const { port1, port2 } = new MessageChannel()
      const transport = portTransport(port2)
      const reason = new Promise((resolve) => transport.onClose(resolve))
      transport.onMessage(() => expect.unreachable())
      port1.postMessage(junk)
      expect(await reason).toMatchObject({ code: 'invalid-request' })
      port1.close()
    },
  )

  it.each<[string, unknown]>([
    ['text', 'hello'],
    ['random bytes', Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9).buffer],
    ['a cut frame', encodeFrame([FRAME.ok, 1, 'text']).slice(0, 20).buffer],
  ])('closes a socket that receives %s', (_what, data) => {
    const socket = fakeSocket()
    const transport = websocketTransport(socket)
    let reason: unknown = null
    transport.onClose((why) => (reason = why))
    transport.onMessage(() => expect.unreachable())
    socket.emit('message', { data })
    expect(reason).toMatchObject({ code: 'invalid-request' })
    expect(socket.closedWith).toBe(1007)
  })

  it('bounds what waits for a receiver and for an opening socket', () => {
    const silent = fakeSocket()
    const unheard = websocketTransport(silent)
    const data = encodeFrame([FRAME.end, 1]).buffer
    for (let n = 0; n < 10_000 && silent.closedWith === null; n++) silent.emit('message', { data })
    expect(silent.closedWith).toBe(1007)
    unheard.onMessage(() => expect.unreachable())

    const opening = fakeSocket(WebSocket.CONNECTING)
    const transport = websocketTransport(opening)
    for (let n = 0; n < 10_000 && opening.closedWith === null; n++) transport.send([FRAME.end, 1])
    expect(opening.closedWith).toBe(1007)
  })

  it('bounds what waits for a peer that asks but does not read', () => {
    let waiting = 0
    const socket = Object.assign(fakeSocket(), { send: (message: Uint8Array) => void (waiting += message.byteLength) })
    Object.defineProperty(socket, 'bufferedAmount', { get: () => waiting })
    const transport = websocketTransport(socket)
    let reason: unknown = null
    transport.onClose((why) => (reason = why))
    const answer = 'x'.repeat(1024 * 1024)
    for (let n = 0; n < 1_000 && socket.closedWith === null; n++) transport.send([FRAME.ok, 1, answer])
    expect(reason).toMatchObject({ code: 'timeout' })
    expect(waiting).toBeLessThan(100 * 1024 * 1024)
  })
})

interface FakeSocket extends SocketLike {
  closedWith: number | null
  emit(type: string, event: { readonly data: unknown }): void
}

function fakeSocket(readyState: number = WebSocket.OPEN): FakeSocket {
  const listeners = new Map<string, (event: { readonly data: unknown }) => void>()
  return {
    binaryType: '',
    readyState,
    closedWith: null,
    send: () => undefined,
    close(code) {
      this.closedWith = code ?? 0
    },
    addEventListener: (type: string, listener: (event: { readonly data: unknown }) => void) => listeners.set(type, listener),
    emit: (type, event) => listeners.get(type)?.(event),
  }
}

describe('ports with Electron’s way of listening', () => {
  it('reads event objects from `on`', async () => {
    const { port1, port2 } = new MessageChannel()
    const electronLike = {
      postMessage: (message: unknown) => port1.postMessage(message),
      start: () => port1.start(),
      close: () => port1.close(),
      on: (type: 'message' | 'messageerror' | 'close', listener: (event: object) => void) =>
        port1.on(type, (data: unknown) => listener({ data, ports: [] })),
    }
    const near = portTransport(electronLike)
    const far = portTransport(port2)
    const got = new Promise<Frame>((resolve) => near.onMessage(resolve))
    far.onMessage(() => undefined)
    far.send([FRAME.ok, 3, Uint8Array.of(1)])
    expect(await got).toEqual([FRAME.ok, 3, Uint8Array.of(1)])
    const closed = new Promise<void>((resolve) => far.onClose(() => resolve()))
    near.close()
    await closed
  })

  it('refuses a port it cannot listen to', () => {
    expect(() => portTransport({ postMessage: () => undefined, close: () => undefined })).toThrow(/listen/)
  })
})
