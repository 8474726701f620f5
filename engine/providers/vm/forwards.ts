/** Listeners on the host for ports that containers in the guest publish. */
import { systemClock } from '../../system/clock.ts'
import { Flows, listen } from './listeners.ts'
import type { Listener, OpenTarget, Way } from './listeners.ts'
import type { Passage } from './traffic.ts'
import { portKey } from './published.ts'
import type { PublishedPort } from './published.ts'

/** `error`: the system's code (`EADDRINUSE`, `EACCES`, `EADDRNOTAVAIL`), when it could not be bound. */
export interface ForwardState {
  readonly port: PublishedPort
  readonly error?: string
}

interface Opened {
  port: PublishedPort
  readonly listener: Listener
}

/** A port that was taken is tried again so soon, milliseconds. */
const RETRY_MS = 2_000

const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : 'unknown')

/** A machine without IPv6 publishes on IPv4 alone, and nobody misses it. */
const isNoLoss = ({ address }: PublishedPort, code: string): boolean => address === '::' && (code === 'EAFNOSUPPORT' || code === 'EADDRNOTAVAIL')

export class PortForwards {
  readonly #way: Way
  readonly #log: (line: string) => void
  readonly #opened = new Map<string, Opened>()
  readonly #failed = new Map<string, Required<ForwardState>>()
  readonly #flows = new Flows()
  readonly #listeners = new Set<() => void>()
  readonly #over = new AbortController()
  #wanted: ReadonlyMap<string, PublishedPort> = new Map()
  #retrying: Promise<void> | null = null
  /** One change after the other: a port may leave one container and come to another at once. */
  #work: Promise<void> = Promise.resolve()

  /** @param passage asked once for each connection, and each sender of datagrams */
  constructor(open: OpenTarget, log: (line: string) => void, passage?: () => Passage) {
    this.#way = { open, flows: this.#flows, ...(passage && { passage }) }
    this.#log = log
  }

  states(): readonly ForwardState[] {
    return [...[...this.#opened.values()].map(({ port }) => ({ port })), ...this.#failed.values()]
  }

  /** Ports that are wanted and could not be bound. */
  failed(): readonly Required<ForwardState>[] {
    return [...this.#failed.values()]
  }

  /** Calls back when {@link failed} says something else, until the returned function is called. */
  onFailed(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Opens what is new, closes what is gone; what cannot be opened is tried again until it is not wanted any more. */
  update(wanted: readonly PublishedPort[]): Promise<void> {
    return this.#next(() => {
      this.#wanted = new Map(wanted.map((each) => [portKey(each), each]))
    })
  }

  async close(): Promise<void> {
    await this.update([])
    this.#over.abort()
    this.#flows.close()
  }

  #next(prepare?: () => void): Promise<void> {
    this.#work = this.#work.then(() => {
      if (this.#over.signal.aborted) return
      prepare?.()
      return this.#apply(this.#wanted)
    })
    return this.#work
  }

  async #apply(wanted: ReadonlyMap<string, PublishedPort>): Promise<void> {
    const before = this.#told()
    for (const key of this.#failed.keys()) if (!wanted.has(key)) this.#failed.delete(key)
    const gone = [...this.#opened].filter(([key]) => !wanted.has(key))
    for (const [key] of gone) this.#opened.delete(key)
    await Promise.all(gone.map(([, { listener }]) => listener.close()))
    for (const [key, port] of wanted) {
      const known = this.#opened.get(key)
      if (known) known.port = port
      else await this.#bind(key, port)
    }
    if (this.#told() !== before) for (const listener of [...this.#listeners]) listener()
    if (this.#failed.size > 0) this.#retrying ??= this.#retry().finally(() => (this.#retrying = null))
  }

  #told(): string {
    return [...this.#failed].map(([key, { port, error }]) => `${key} ${port.containerId} ${error}`).join('\n')
  }

  async #retry(): Promise<void> {
    while (this.#failed.size > 0 && !this.#over.signal.aborted) {
      await systemClock.sleep(RETRY_MS, this.#over.signal).catch(() => undefined)
      await this.#next()
    }
  }

  async #bind(key: string, port: PublishedPort): Promise<void> {
    try {
      const listener = await listen(port, () => (this.#opened.get(key)?.port ?? port).target, this.#way)
      this.#opened.set(key, { port, listener })
      this.#failed.delete(key)
    } catch (error) {
      const code = codeOf(error)
      if (isNoLoss(port, code)) return
      if (this.#failed.get(key)?.error !== code) this.#log(`port ${key} of ${port.containerId.slice(0, 12)} cannot be opened here: ${code}`)
      this.#failed.set(key, { port, error: code })
    }
  }
}
