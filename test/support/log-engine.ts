/** An engine that has nothing but logs: it stores entries, serves them as the API does, dies and comes back. */
import { NaruError } from '../../engine/contract/errors.ts'
import type { EngineClient } from '../../engine/docker/engine-client.ts'
import type { EngineConnection } from '../../engine/logs/follow.ts'
import { bodyOf, frameOf } from './log-frames.ts'
import type { LogEntry } from './log-frames.ts'

type LogQuery = Parameters<EngineClient['logs']>[1]

export class LogContainer {
  readonly entries: LogEntry[] = []
  running = true
  tty = false
  driver = 'json-file'
  gone = false
  style: 'docker' | 'podman' = 'docker'
  readonly #wakes = new Set<() => void>()
  readonly #watchers = new Set<() => void>()

  print(entry: LogEntry): void {
    this.entries.push(entry)
    this.wake()
  }

  stop(): void {
    this.running = false
    this.wake()
    this.tell()
  }

  start(): void {
    this.running = true
    this.tell()
  }

  /** An event of this container. */
  tell(): void {
    for (const watcher of this.#watchers) watcher()
  }

  wake(): void {
    for (const wake of this.#wakes) wake()
  }

  async *read(query: LogQuery, dead: AbortSignal): AsyncGenerator<Uint8Array> {
    const since = query.since === undefined ? Number.NEGATIVE_INFINITY : Number(query.since)
    const exact = query.since?.split('.') ?? []
    const isSince = (entry: LogEntry) => {
      if (query.since === undefined) return true
      if (this.style === 'podman') return entry.seconds + entry.nanos / 1e9 > since
      return (entry.seconds - Number(exact[0]) || entry.nanos - Number(exact[1] ?? 0)) >= 0
    }
    let at = typeof query.tail === 'number' ? Math.max(0, this.entries.length - query.tail) : 0
    const life = this.running
    // One listener on the signal all containers share would be as many as there are readers.
    const either = AbortSignal.any([query.signal, dead])
    for (;;) {
      if (dead.aborted) throw new NaruError('engine.unreachable', 'connection cut')
      if (query.signal.aborted) throw new NaruError('cancelled', 'cancelled')
      const batch = this.entries.slice(at, at + 50).filter(isSince)
      at = Math.min(this.entries.length, at + 50)
      if (batch.length > 0) {
        yield Buffer.concat(batch.map((entry) => (this.tty ? bodyOf : frameOf)(entry, this.style)))
        continue
      }
      if (at < this.entries.length) continue
      if (!query.follow || !life || !this.running) return
      await new Promise<void>((resolve) => {
        const done = () => {
          this.#wakes.delete(done)
          either.removeEventListener('abort', done)
          resolve()
        }
        this.#wakes.add(done)
        either.addEventListener('abort', done)
      })
    }
  }

  async *events(signal: AbortSignal, dead: AbortSignal): AsyncGenerator<string> {
    let pending = 0
    let wake: () => void = () => {}
    const watcher = () => {
      pending++
      wake()
    }
    this.#watchers.add(watcher)
    const both = AbortSignal.any([signal, dead])
    both.addEventListener('abort', () => wake())
    try {
      while (!both.aborted) {
        if (pending > 0) {
          pending--
          yield 'event'
        } else await new Promise<void>((resolve) => (wake = resolve))
      }
    } finally {
      this.#watchers.delete(watcher)
    }
  }
}

export class LogEngine {
  readonly containers = new Map<string, LogContainer>()
  #alive: AbortController | null = new AbortController()
  requests = 0

  add(id: string): LogContainer {
    const container = new LogContainer()
    this.containers.set(id, container)
    return container
  }

  /** kill -9: requests break, connections are refused. */
  kill(): void {
    this.#alive?.abort()
    this.#alive = null
    for (const container of this.containers.values()) container.wake()
  }

  revive(): void {
    this.#alive ??= new AbortController()
  }

  connection(): EngineConnection {
    const alive = this.#alive
    if (!alive) throw new NaruError('engine.unreachable', 'no engine')
    const client: Pick<EngineClient, 'inspectContainer' | 'logs'> = {
      inspectContainer: async (id) => {
        const container = this.#of(id)
        return {
          Id: id,
          Name: `/${id}`,
          Created: '',
          Image: '',
          State: { Status: container.running ? 'running' : 'exited', Running: container.running, ExitCode: 0 },
          Config: { Tty: container.tty },
          HostConfig: { LogConfig: { Type: container.driver } },
        }
      },
      logs: (id, query) => {
        this.requests++
        return this.#of(id).read(query, alive.signal)
      },
    }
    return { client: client as EngineClient, signal: alive.signal }
  }

  events(id: string, signal: AbortSignal): AsyncIterable<unknown> {
    if (!this.#alive) throw new NaruError('engine.unreachable', 'no engine')
    return this.#of(id).events(signal, this.#alive.signal)
  }

  #of(id: string): LogContainer {
    const container = this.containers.get(id)
    if (!container || container.gone) throw new NaruError('not-found', `no container ${id}`)
    return container
  }
}
