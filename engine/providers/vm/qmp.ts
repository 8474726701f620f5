/**
 * QEMU's machine protocol over one connection: JSON objects, one a line (QEMU docs/interop/qmp-spec). Commands carry an
 * id, so an event between question and answer harms nothing.
 */
import { StringDecoder } from 'node:string_decoder'
import type { Duplex } from 'node:stream'
import { NaruError } from '../../contract/errors.ts'

/** What QEMU tells by itself. */
export interface QmpEvent {
  readonly name: string
  readonly data: Readonly<Record<string, unknown>>
}

export interface Qmp {
  /** `major.minor.micro` of QEMU, from its greeting. */
  readonly version: string
  /** Runs a command. Errors: `timeout`, `engine.unreachable` (connection gone), `internal` (QEMU's own words in `detail`). */
  readonly execute: (command: string, args?: Readonly<Record<string, unknown>>, timeoutMs?: number) => Promise<unknown>
  /** Calls back for every event until the returned function is called. */
  readonly onEvent: (listener: (event: QmpEvent) => void) => () => void
  /** Resolves with the reason when the connection is gone; never rejects. */
  readonly closed: Promise<string>
  readonly close: () => void
}

export interface QmpOptions {
  /** Milliseconds until greeting and capabilities are done; QEMU serves one client at a time, so a second one waits. */
  readonly timeoutMs: number
  readonly signal?: AbortSignal
}

const COMMAND_TIMEOUT_MS = 5_000
/** QEMU's own answers are far shorter; more than this is not QEMU. */
const LINE_MAX = 1 << 20

type Message = Readonly<Record<string, unknown>>

const isObject = (value: unknown): value is Message => typeof value === 'object' && value !== null && !Array.isArray(value)

/** Splits text into lines; throws when one is over the limit. */
function createLines(onLine: (line: string) => void): (chunk: Buffer) => void {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  return (chunk) => {
    const lines = (rest + decoder.write(chunk)).split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > LINE_MAX) throw new Error('a line of the machine protocol is too long')
    lines.filter((line) => line.trim() !== '').forEach(onLine)
  }
}

/** `major.minor.micro` out of a greeting; null when it is none. */
export function greetingVersion(message: Message): string | null {
  const { QMP: greeting } = message
  if (!isObject(greeting)) return null
  const qemu = isObject(greeting.version) && isObject(greeting.version.qemu) ? greeting.version.qemu : {}
  return `${Number(qemu.major ?? 0)}.${Number(qemu.minor ?? 0)}.${Number(qemu.micro ?? 0)}`
}

interface Pending {
  readonly resolve: (value: unknown) => void
  readonly reject: (error: NaruError) => void
}

class Connection {
  readonly closed: Promise<string>
  readonly greeting: Promise<string>
  readonly #stream: Duplex
  readonly #pending = new Map<number, Pending>()
  readonly #listeners = new Set<(event: QmpEvent) => void>()
  #next = 0
  #gone: string | null = null
  #tellClosed: (reason: string) => void = () => undefined
  #greet: (version: string) => void = () => undefined

  constructor(stream: Duplex) {
    this.#stream = stream
    this.closed = new Promise((resolve) => {
      this.#tellClosed = resolve
    })
    this.greeting = new Promise((resolve) => {
      this.#greet = resolve
    })
    const lines = createLines((line) => this.#accept(line))
    stream.on('data', (chunk: Buffer) => {
      try {
        lines(chunk)
      } catch (error) {
        this.close(error instanceof Error ? error.message : String(error))
      }
    })
    stream.on('error', (error) => this.close(error.message))
    stream.on('close', () => this.close('QEMU closed the connection'))
  }

  close(reason = 'closed'): void {
    if (this.#gone !== null) return
    this.#gone = reason
    this.#stream.destroy()
    for (const { reject } of [...this.#pending.values()]) reject(new NaruError('engine.unreachable', reason))
    this.#tellClosed(reason)
  }

  onEvent(listener: (event: QmpEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  execute(command: string, args: Message = {}, timeoutMs = COMMAND_TIMEOUT_MS): Promise<unknown> {
    if (this.#gone !== null) return Promise.reject(new NaruError('engine.unreachable', this.#gone))
    const id = (this.#next += 1)
    return new Promise((resolve, reject) => {
      const settle = (act: () => void): void => {
        clearTimeout(timer)
        this.#pending.delete(id)
        act()
      }
      const timer = setTimeout(
        () => settle(() => reject(new NaruError('timeout', `QEMU did not answer ${command} in ${timeoutMs} ms`))),
        timeoutMs,
      )
      this.#pending.set(id, {
        resolve: (value) => settle(() => resolve(value)),
        reject: (error) => settle(() => reject(error)),
      })
      this.#stream.write(`${JSON.stringify({ execute: command, arguments: args, id })}\n`)
    })
  }

  #accept(line: string): void {
    const message: unknown = JSON.parse(line)
    if (!isObject(message)) throw new Error('not a message of the machine protocol')
    const version = greetingVersion(message)
    if (version !== null) return this.#greet(version)
    if (typeof message.event === 'string') {
      const event = { name: message.event, data: isObject(message.data) ? message.data : {} }
      for (const listener of [...this.#listeners]) listener(event)
      return
    }
    const pending = typeof message.id === 'number' ? this.#pending.get(message.id) : undefined
    // An answer that came too late has nobody any more.
    if (!pending) return
    if ('return' in message) pending.resolve(message.return)
    else pending.reject(commandError(message.error))
  }
}

function commandError(error: unknown): NaruError {
  const detail = isObject(error) ? String(error.desc ?? error.class ?? '') : String(error)
  return new NaruError('internal', 'QEMU refused a command', { detail })
}

/** Greeting and capabilities over a fresh connection. Errors: `timeout`, `cancelled`, `engine.unreachable`. */
export async function openQmp(stream: Duplex, { timeoutMs, signal }: QmpOptions): Promise<Qmp> {
  const connection = new Connection(stream)
  let timer: ReturnType<typeof setTimeout> | undefined
  let onAbort = (): void => undefined
  const givenUp = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new NaruError('timeout', `QEMU did not greet in ${timeoutMs} ms`)), timeoutMs)
    onAbort = () => reject(new NaruError('cancelled', 'cancelled'))
    if (signal?.aborted) onAbort()
    signal?.addEventListener('abort', onAbort, { once: true })
  })
  const gone = connection.closed.then((reason): never => {
    throw new NaruError('engine.unreachable', reason)
  })
  gone.catch(() => undefined)
  try {
    const version = await Promise.race([connection.greeting, gone, givenUp])
    await Promise.race([connection.execute('qmp_capabilities', {}, timeoutMs), givenUp])
    return {
      version,
      execute: (command, args, limit) => connection.execute(command, args, limit),
      onEvent: (listener) => connection.onEvent(listener),
      closed: connection.closed,
      close: () => connection.close(),
    }
  } catch (error) {
    connection.close('never greeted')
    throw error
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', onAbort)
  }
}

/**
 * A command of the human monitor. It never fails as a QMP error: what went wrong is text in `return`, and success is
 * silence or the words in `fine`.
 * @throws NaruError `internal` with the monitor's text in `detail`
 */
export async function humanCommand(qmp: Pick<Qmp, 'execute'>, line: string, fine: RegExp = /^$/): Promise<string> {
  if (/[\r\n\0]/.test(line)) throw new NaruError('invalid-request', 'a monitor command is one line')
  const text = String(await qmp.execute('human-monitor-command', { 'command-line': line })).trim()
  if (fine.test(text)) return text
  throw new NaruError('internal', `QEMU's monitor refused "${line.split(' ')[0] ?? ''}"`, { detail: text })
}
