/**
 * One terminal: a connection to the engine, what it printed last, and at most one reader. While there is a reader the
 * connection runs a little ahead of it and then rests (the kernel holds the command back); without one it flows on.
 */
import type { Duplex } from 'node:stream'
import { NaruError } from '../contract/errors.ts'
import type { TerminalEnd } from '../contract/models.ts'
import { createScrollback } from './scrollback.ts'

export interface TerminalSession {
  /** Null while it runs. */
  readonly ended: TerminalEnd | null
  /** What was printed before, then what comes; see the contract's `terminals.output`. */
  read(signal: AbortSignal): AsyncGenerator<Uint8Array, void, undefined>
  /** Resolves when the connection has room for more. Bytes for an ended session are dropped. */
  write(bytes: Uint8Array, signal: AbortSignal): Promise<void>
  /** Nothing more is typed: the program reads the end of its input. What it prints still comes. */
  endInput(): void
  /** Ends the connection; readers end. */
  close(): void
  /**
   * Is over for `end`. With `keepOpen` the connection stays until the other end closes it (what comes is dropped): some
   * containers lose their input with it.
   */
  leave(end: TerminalEnd, keepOpen: boolean): void
  /** Resolves when it is over and why is known. */
  readonly over: Promise<TerminalEnd>
}

export interface SessionOptions {
  /** What of the connection's bytes is output; everything when absent. */
  readonly decode?: (piece: Uint8Array) => readonly Uint8Array[]
}

/** A connection is ahead of its reader by so many bytes at most, and one piece: they come in pieces of a few KiB. */
const AHEAD = 64 * 1024

interface Reader {
  pieces: Uint8Array[]
  bytes: number
  wake: () => void
  replaced: boolean
}

/** @param explain asks the engine why the connection ended; called once. `error` is what broke it, if something did */
export function createTerminalSession(socket: Duplex, explain: (error: unknown) => Promise<TerminalEnd>, { decode }: SessionOptions = {}): TerminalSession {
  const scrollback = createScrollback()
  let reader: Reader | null = null
  let ended: TerminalEnd | null = null
  let broken: unknown
  let finish: (end: TerminalEnd) => void
  const over = new Promise<TerminalEnd>((resolve) => (finish = resolve))

  function settle(end: TerminalEnd): void {
    if (ended) return
    ended = end
    finish(end)
    reader?.wake()
  }

  function take(chunk: Uint8Array): void {
    if (ended || chunk.length === 0) return
    scrollback.push(chunk)
    if (!reader) return
    reader.pieces.push(chunk)
    reader.bytes += chunk.length
    if (reader.bytes >= AHEAD) socket.pause()
    reader.wake()
  }

  socket.on('data', (chunk: Uint8Array) => {
    if (!decode) return take(chunk)
    try {
      for (const payload of decode(chunk)) take(payload)
    } catch (error) {
      socket.destroy(error instanceof Error ? error : undefined)
    }
  })
  socket.on('error', (error) => (broken ??= error))
  socket.once('end', () => socket.destroy())
  socket.once('close', () => {
    if (ended) return
    explain(broken)
      .catch((): TerminalEnd => ({ reason: 'lost', exitCode: null }))
      .then(settle)
      .catch(() => undefined)
  })
  socket.resume()

  async function* read(signal: AbortSignal): AsyncGenerator<Uint8Array, void, undefined> {
    const me: Reader = { pieces: [], bytes: 0, wake: () => undefined, replaced: false }
    if (reader) {
      reader.replaced = true
      reader.wake()
    }
    reader = me
    const onAbort = (): void => me.wake()
    signal.addEventListener('abort', onAbort, { once: true })
    try {
      yield scrollback.read()
      for (;;) {
        signal.throwIfAborted()
        if (me.replaced) return
        if (me.bytes > 0) {
          const [first] = me.pieces
          const all = me.pieces.length === 1 && first ? first : Buffer.concat(me.pieces)
          me.pieces = []
          me.bytes = 0
          socket.resume()
          yield all
          continue
        }
        if (ended) return
        await new Promise<void>((resolve) => (me.wake = resolve))
      }
    } finally {
      signal.removeEventListener('abort', onAbort)
      if (reader === me) {
        reader = null
        socket.resume()
      }
    }
  }

  async function write(bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    if (ended || socket.destroyed || !socket.writable || socket.write(bytes)) return
    await new Promise<void>((resolve, reject) => {
      const leave = (): void => {
        socket.off('drain', done)
        socket.off('close', done)
        signal.removeEventListener('abort', stop)
      }
      const done = (): void => {
        leave()
        resolve()
      }
      const stop = (): void => {
        leave()
        reject(signal.reason instanceof NaruError ? signal.reason : new NaruError('cancelled', 'cancelled', { cause: signal.reason }))
      }
      socket.on('drain', done)
      socket.on('close', done)
      signal.addEventListener('abort', stop, { once: true })
    })
  }

  return {
    get ended() {
      return ended
    },
    read,
    write,
    over,
    endInput() {
      if (!ended && socket.writable) socket.end()
    },
    close: () => socket.destroy(),
    leave(end, keepOpen) {
      if (ended) return
      settle(end)
      if (keepOpen) socket.resume()
      else socket.destroy()
    },
  }
}
