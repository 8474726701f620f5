/** Listeners on the host for ports that containers in the guest publish. */
import { createServer } from 'node:net'
import type { Server, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { join } from './gateway.ts'
import type { MuxTarget } from './mux.ts'
import type { Passage } from './traffic.ts'
import { portKey } from './published.ts'
import type { PublishedPort } from './published.ts'

/** `error`: the system's code (`EADDRINUSE`, `EACCES`, `EADDRNOTAVAIL`), when it could not be bound. */
export interface ForwardState {
  readonly port: PublishedPort
  readonly error?: string
}

interface Listener {
  readonly port: PublishedPort
  readonly server: Server
  readonly sockets: Set<Socket>
}

const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : 'unknown')

export class PortForwards {
  readonly #open: (target: MuxTarget) => Duplex
  readonly #log: (line: string) => void
  readonly #passage: (() => Passage) | undefined
  readonly #listeners = new Map<string, Listener>()
  readonly #failed = new Map<string, ForwardState>()
  #closed = false
  /** One change after the other: a port may leave one container and come to another at once. */
  #work: Promise<void> = Promise.resolve()

  /** @param passage asked once for each connection */
  constructor(open: (target: MuxTarget) => Duplex, log: (line: string) => void, passage?: () => Passage) {
    this.#open = open
    this.#log = log
    this.#passage = passage
  }

  states(): readonly ForwardState[] {
    return [...[...this.#listeners.values()].map(({ port }) => ({ port })), ...this.#failed.values()]
  }

  /** Opens what is new, closes what is gone, tries again what failed. UDP is not carried. */
  update(wanted: readonly PublishedPort[]): Promise<void> {
    this.#work = this.#work.then(() => this.#apply(new Map(wanted.filter(({ protocol }) => protocol === 'tcp').map((each) => [portKey(each), each]))))
    return this.#work
  }

  async close(): Promise<void> {
    await this.update([])
    this.#closed = true
  }

  async #apply(wanted: ReadonlyMap<string, PublishedPort>): Promise<void> {
    if (this.#closed) return
    for (const key of this.#failed.keys()) if (!wanted.has(key)) this.#failed.delete(key)
    const gone = [...this.#listeners].filter(([key]) => !wanted.has(key))
    await Promise.all(gone.map(([key, listener]) => this.#drop(key, listener)))
    for (const [key, port] of wanted) {
      const known = this.#listeners.get(key)
      if (known) this.#listeners.set(key, { ...known, port })
      else await this.#listen(key, port)
    }
  }

  async #listen(key: string, port: PublishedPort): Promise<void> {
    const sockets = new Set<Socket>()
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      sockets.add(socket)
      socket.once('close', () => sockets.delete(socket))
      try {
        // Whatever address the host was asked for: in the guest the engine's proxy listens on all, or on loopback.
        join(socket, this.#open(`tcp:127.0.0.1:${port.port}`), this.#passage?.())
      } catch {
        socket.on('error', () => undefined)
        socket.destroy()
      }
    })
    try {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject)
        server.listen({ host: port.address, port: port.port, ipv6Only: true }, resolve)
      })
      this.#listeners.set(key, { port, server, sockets })
      this.#failed.delete(key)
    } catch (error) {
      const code = codeOf(error)
      if (this.#failed.get(key)?.error !== code) this.#log(`port ${key} of ${port.containerId.slice(0, 12)} cannot be opened here: ${code}`)
      this.#failed.set(key, { port, error: code })
    }
  }

  async #drop(key: string, { server, sockets }: Listener): Promise<void> {
    this.#listeners.delete(key)
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    for (const socket of sockets) socket.destroy()
    await closed
  }
}
