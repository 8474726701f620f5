/** The engine's socket on this machine: every connection becomes a stream to the engine's socket in the guest. */
import { chmod, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { Server, Socket } from 'node:net'
import { Transform } from 'node:stream'
import type { Duplex } from 'node:stream'
import type { Passage } from './traffic.ts'

export interface Gateway {
  /** Ends every connection and removes the socket. */
  readonly close: () => Promise<void>
}

/** Bytes on their way in, held back while they must wait. */
function gate({ inward }: Passage): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const wait = inward(chunk)
      if (wait) void wait.then(() => done(null, chunk))
      else done(null, chunk)
    },
  })
}

/** Joins two streams, each direction ending on its own; an error of one ends both. */
export function join(socket: Socket, stream: Duplex, passage?: Passage): void {
  socket.setNoDelay(true)
  if (passage) {
    const inward = gate(passage)
    socket.pipe(inward).pipe(stream)
    stream.on('data', () => passage.outward())
    stream.once('close', () => {
      passage.over()
      inward.destroy()
    })
  } else socket.pipe(stream)
  stream.pipe(socket)
  socket.on('error', () => stream.destroy())
  stream.on('error', () => socket.destroy())
  socket.on('close', () => stream.destroy())
  stream.on('close', () => {
    // What came before the end is still on its way out.
    if (!socket.writableEnded) socket.destroy()
  })
}

/**
 * Listens at `path` (in a folder only its owner may enter) with mode 0600; `open` may throw when the guest is not there.
 * `passage` is asked once for each connection.
 */
export async function openGateway(path: string, open: () => Duplex, passage?: () => Passage): Promise<Gateway> {
  const sockets = new Set<Socket>()
  const server: Server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    try {
      join(socket, open(), passage?.())
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
