/** One listener of the host, TCP or UDP, that leads into the guest. */
import { createSocket } from 'node:dgram'
import type { RemoteInfo } from 'node:dgram'
import { createServer } from 'node:net'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { DatagramReader, encodeDatagram } from './datagrams.ts'
import { join } from './gateway.ts'
import type { MuxTarget } from './mux.ts'
import type { PublishedPort } from './published.ts'
import type { Passage } from './traffic.ts'

export type OpenTarget = (target: MuxTarget) => Duplex

export interface Listener {
  /** Ends everything that goes through it. */
  readonly close: () => Promise<void>
}

/** Where it is led now: a container that started again has another address. */
export type TargetNow = () => MuxTarget

/** Into the guest. */
export interface Way {
  readonly open: OpenTarget
  readonly flows: Flows
  /** Asked once for each connection, and each sender of datagrams. */
  readonly passage?: () => Passage
}

/** Rejects with the system's error when the port cannot be bound. */
export const listen = (port: PublishedPort, target: TargetNow, way: Way): Promise<Listener> =>
  port.protocol === 'tcp' ? listenTcp(port, target, way) : listenUdp(port, target, way)

async function listenTcp({ address, port }: PublishedPort, target: TargetNow, { open, passage }: Way): Promise<Listener> {
  const sockets = new Set<Socket>()
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    try {
      join(socket, open(target()), passage && { passage: passage() })
    } catch {
      socket.on('error', () => undefined)
      socket.destroy()
    }
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host: address, port, ipv6Only: true }, resolve)
  })
  return {
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}

/** Milliseconds a sender of datagrams is remembered; Docker's own proxy takes 90 s. */
const FLOW_IDLE_MS = 60_000
/** Senders at once, over all ports: each is a stream of the mux, and the engine needs some as well. */
export const FLOWS_MAX = 192
/** Bytes that wait for the guest per sender, and datagrams while it wakes; more is lost, as on any network. */
const FLOW_BACKLOG = 256 * 1024
const WAKING_MAX = 64

/** Senders of datagrams on all ports, the one that was silent longest first. */
export class Flows {
  readonly #streams = new Map<Duplex, number>()
  readonly #now: () => number
  readonly #sweeper = setInterval(() => this.#sweep(), FLOW_IDLE_MS / 4)

  constructor(now: () => number = () => performance.now()) {
    this.#now = now
    this.#sweeper.unref()
  }

  add(stream: Duplex): void {
    const [oldest] = this.#streams.keys()
    if (this.#streams.size >= FLOWS_MAX && oldest) this.#end(oldest)
    this.used(stream)
    stream.once('close', () => this.#streams.delete(stream))
  }

  /** It was just used: it ends last. */
  used(stream: Duplex): void {
    this.#streams.delete(stream)
    this.#streams.set(stream, this.#now())
  }

  close(): void {
    clearInterval(this.#sweeper)
    for (const stream of [...this.#streams.keys()]) this.#end(stream)
  }

  #sweep(): void {
    for (const [stream, at] of [...this.#streams]) if (this.#now() - at > FLOW_IDLE_MS) this.#end(stream)
  }

  #end(stream: Duplex): void {
    this.#streams.delete(stream)
    stream.destroy()
  }
}

interface Sender {
  readonly stream: Duplex
  readonly passage?: Passage
  /** Datagrams that wait until the guest is awake. */
  waking: number
}

function pass(sender: Sender, datagram: Buffer): void {
  const { stream, passage } = sender
  const send = (): void => {
    if (!stream.destroyed && stream.writableLength < FLOW_BACKLOG) stream.write(encodeDatagram(datagram))
  }
  const wait = passage?.inward(datagram)
  if (!wait) return send()
  if (sender.waking >= WAKING_MAX) return
  sender.waking += 1
  void wait.then(() => {
    sender.waking -= 1
    send()
  })
}

/** Each sender has a stream of its own, so that answers find the way back. */
async function listenUdp({ address, port }: PublishedPort, target: TargetNow, { open, flows, passage }: Way): Promise<Listener> {
  const socket = createSocket({ type: address.includes(':') ? 'udp6' : 'udp4', ipv6Only: address.includes(':') })
  const senders = new Map<string, Sender>()
  let closed = false

  const begin = (key: string, { address: host, port: from }: RemoteInfo): Sender => {
    const stream = open(target())
    const way = passage?.()
    const sender: Sender = { stream, waking: 0, ...(way && { passage: way }) }
    const reader = new DatagramReader((datagram) => {
      if (closed) return
      flows.used(stream)
      socket.send(datagram, from, host, () => undefined)
    })
    stream.on('data', (chunk: Buffer) => {
      way?.outward()
      reader.push(chunk)
    })
    stream.on('error', () => undefined)
    stream.once('close', () => {
      way?.over()
      if (senders.get(key) === sender) senders.delete(key)
    })
    senders.set(key, sender)
    flows.add(stream)
    return sender
  }

  socket.on('message', (datagram, from) => {
    const key = `${from.address} ${from.port}`
    try {
      const sender = senders.get(key) ?? begin(key, from)
      flows.used(sender.stream)
      pass(sender, datagram)
    } catch {
      // The guest is not there now: lost, as on any network.
    }
  })
  await new Promise<void>((resolve, reject) => {
    socket.once('error', (error) => {
      socket.close()
      reject(error)
    })
    socket.bind({ address, port, exclusive: true }, resolve)
  })
  socket.removeAllListeners('error')
  // An answer that found nobody.
  socket.on('error', () => undefined)
  return {
    close: async () => {
      closed = true
      for (const { stream } of [...senders.values()]) stream.destroy()
      await new Promise<void>((resolve) => socket.close(() => resolve()))
    },
  }
}
