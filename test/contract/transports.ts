/** The pipes the contract suite runs over; all tests are the same for each. */
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { MessageChannel } from 'node:worker_threads'
import { WebSocket, WebSocketServer } from 'ws'
import { LINK_LIMITS } from '../../engine/contract/contract.ts'
import { memoryPair } from '../../engine/link/memory.ts'
import { portTransport } from '../../engine/link/port.ts'
import type { Transport } from '../../engine/link/transport.ts'
import { websocketTransport } from '../../engine/link/websocket.ts'

export interface Pipe {
  readonly client: Transport
  readonly server: Transport
  dispose(): Promise<void>
}

async function openMemory(): Promise<Pipe> {
  const [client, server] = memoryPair()
  return { client, server, dispose: async () => client.close() }
}

async function openPort(): Promise<Pipe> {
  const { port1, port2 } = new MessageChannel()
  const client = portTransport(port1)
  return { client, server: portTransport(port2), dispose: async () => client.close() }
}

async function openWebSocket(): Promise<Pipe> {
  const listener = new WebSocketServer({ host: '127.0.0.1', port: 0, maxPayload: LINK_LIMITS.frameBytes })
  await once(listener, 'listening')
  const accepted = once(listener, 'connection') as Promise<[WebSocket]>
  const socket = new WebSocket(`ws://127.0.0.1:${(listener.address() as AddressInfo).port}`)
  const client = websocketTransport(socket)
  const [peer] = await accepted
  return {
    client,
    server: websocketTransport(peer),
    async dispose() {
      socket.terminate()
      peer.terminate()
      await new Promise((resolve) => listener.close(resolve))
    },
  }
}

export const PIPES: readonly { readonly name: string; open(): Promise<Pipe> }[] = [
  { name: 'memory', open: openMemory },
  { name: 'MessagePort', open: openPort },
  { name: 'WebSocket', open: openWebSocket },
]
