/** A door before a server on loopback: open, slow, or silent as a server that hangs. */
import { connect, createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

export interface Door {
  readonly port: number
  /** `slow`: 1 MB/s from the server; `silent`: takes connections and answers nothing. */
  mood: 'open' | 'slow' | 'silent'
  readonly close: () => Promise<void>
}

const SLOW_CHUNK_MS = 60
const CHUNK = 64 * 1024

export async function openDoor(target: number): Promise<Door> {
  const sockets = new Set<Socket>()
  const keep = (socket: Socket): void => {
    sockets.add(socket)
    socket.on('error', () => socket.destroy())
    socket.once('close', () => sockets.delete(socket))
  }
  const pass = async (from: Socket, to: Socket): Promise<void> => {
    for await (const part of from as AsyncIterable<Buffer>) {
      for (let at = 0; at < part.length; at += CHUNK) {
        while (door.mood === 'silent' && !to.destroyed) await sleep(SLOW_CHUNK_MS)
        if (door.mood === 'slow' && part.length > 1_000) await sleep(SLOW_CHUNK_MS)
        if (to.destroyed) return
        to.write(part.subarray(at, at + CHUNK))
      }
    }
    to.end()
  }
  const server = createServer((client) => {
    keep(client)
    const inner = connect(target, '127.0.0.1')
    keep(inner)
    client.pipe(inner)
    pass(inner, client).catch(() => client.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const door: Door = {
    port: (server.address() as AddressInfo).port,
    mood: 'open',
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
  return door
}
