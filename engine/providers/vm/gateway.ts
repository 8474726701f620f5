/** The engine's socket on this machine: every connection becomes a stream to the engine's socket in the guest. */
import { chmod, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { Server, Socket } from 'node:net'
import { Transform } from 'node:stream'
import type { Duplex } from 'node:stream'
import { keptAnswers } from './kept.ts'
import type { Keeper, KeptAnswers } from './kept.ts'
import { RequestGate } from './request-gate.ts'
import type { GateRules } from './request-gate.ts'
import type { Passage } from './traffic.ts'

export interface Gateway {
  /** Ends every connection and removes the socket. */
  readonly close: () => Promise<void>
}

/** Milliseconds a client has to take its refusal. */
const REFUSED_MS = 5_000

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

/** What a connection goes through on its way to the guest, and what comes back of it. */
export interface Between {
  readonly passage?: Passage
  readonly guard?: Transform
  readonly answers?: Transform
}

/** Joins two streams, each direction ending on its own; an error of one ends both. */
export function join(socket: Socket, stream: Duplex, { passage, guard, answers }: Between = {}): void {
  socket.setNoDelay(true)
  const between = [...(passage ? [gate(passage)] : []), ...(guard ? [guard] : [])]
  ;[...between, stream].reduce<Duplex>((from, to) => from.pipe(to), socket)
  for (const each of between) each.on('error', () => socket.destroy())
  if (passage) stream.on('data', () => passage.outward())
  stream.once('close', () => {
    passage?.over()
    for (const each of between) each.destroy()
  })
  const out = answers ? stream.pipe(answers) : stream
  out.pipe(socket)
  answers?.on('error', () => socket.destroy())
  socket.on('error', () => stream.destroy())
  stream.on('error', () => socket.destroy())
  socket.on('close', () => {
    stream.destroy()
    answers?.destroy()
  })
  if (answers) stream.on('close', () => void (stream.readableEnded || answers.destroy()))
  out.on('close', () => {
    // What came before the end is still on its way out.
    if (!socket.writableEnded) socket.destroy()
  })
}

/** A refusal as the engine itself would word it. */
function refusal(message: string): string {
  const body = `${JSON.stringify({ message })}\n`
  const head = ['HTTP/1.1 400 Bad Request', 'Content-Type: application/json', `Content-Length: ${Buffer.byteLength(body)}`, 'Connection: close']
  return `${head.join('\r\n')}\r\n\r\n${body}`
}

/** Requests on their way from `socket` to `stream`, each looked at. */
function guarded(socket: Socket, stream: Duplex, rules: GateRules, answers?: KeptAnswers): Transform {
  const gate = new RequestGate(rules, answers?.asked)
  /** One look after the other. */
  let work: Promise<void> = Promise.resolve()
  let ending: (() => void) | undefined
  const refuse = (message: string): void => {
    socket.end(refusal(message))
    socket.resume()
    setTimeout(() => socket.destroy(), REFUSED_MS).unref()
    stream.destroy()
  }
  const pass = (look: () => ReturnType<RequestGate['push']>): Promise<void> => {
    work = work.then(look).then(({ out, refuse: message }) => {
      for (const bytes of out) through.push(bytes)
      if (message !== undefined) refuse(message)
    })
    return work
  }
  const failed = (error: unknown): void => void through.destroy(error instanceof Error ? error : new Error(String(error)))
  const through = new Transform({
    transform: (chunk: Buffer, _encoding, done) => void pass(() => gate.push(chunk)).then(() => done(), failed),
    flush: (done) => {
      if (gate.waits) ending = () => done()
      else done()
    },
  })
  stream.on('data', (chunk: Buffer) => {
    if (gate.answered(chunk)) pass(() => gate.resume()).then(() => ending?.(), failed)
  })
  return through
}

export interface GatewayOptions {
  readonly passage?: () => Passage
  readonly rules?: GateRules
  readonly keeper?: Keeper
}

function between(socket: Socket, stream: Duplex, { passage, rules, keeper }: GatewayOptions): Between {
  const answers = keeper && keptAnswers(keeper)
  return { ...(passage && { passage: passage() }), ...(rules && { guard: guarded(socket, stream, rules, answers) }), ...(answers && { answers: answers.through }) }
}

/**
 * Listens at `path` (in a folder only its owner may enter) with mode 0600; `open` may throw when the guest is not there.
 * `passage` is asked once for each connection; `rules`: what may not be asked of the engine; `keeper` (needs rules): has
 * what was made on the disk before its answer ends.
 */
export async function openGateway(path: string, open: () => Duplex, options: GatewayOptions = {}): Promise<Gateway> {
  const sockets = new Set<Socket>()
  const server: Server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    try {
      const stream = open()
      join(socket, stream, between(socket, stream, options))
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
