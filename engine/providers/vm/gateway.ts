/** The engine's socket on this machine: every connection becomes a stream to the engine's socket in the guest. */
import { chmod, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { Server, Socket } from 'node:net'
import type { Duplex } from 'node:stream'

export interface Gateway {
  /** Ends every connection and removes the socket. */
  readonly close: () => Promise<void>
}

/** Joins two streams, each direction ending on its own; an error of one ends both. */
export function join(socket: Socket, stream: Duplex): void {
  socket.setNoDelay(true)
  socket.pipe(stream)
  stream.pipe(socket)
  socket.on('error', () => stream.destroy())
  stream.on('error', () => socket.destroy())
  socket.on('close', () => stream.destroy())
  stream.on('close', () => {
    // What came before the end is still on its way out.
    if (!socket.writableEnded) socket.destroy()
  })
}

/** Listens at `path` (in a folder only its owner may enter) with mode 0600; `open` may throw when the guest is not there. */
export async function openGateway(path: string, open: () => Duplex): Promise<Gateway> {
  const sockets = new Set<Socket>()
  const server: Server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    try {
      join(socket, open())
    } catch {
      socket.on('error', () => undefined)
      socket.destroy()
    }
  })
  await rm(path, { force: true })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, resolve)
  })
  await chmod(path, 0o600)
  return {
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      for (const socket of sockets) socket.destroy()
      await closed
      await rm(path, { force: true })
    },
  }
}
