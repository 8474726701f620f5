/**
 * Looks at HTTP/1.1 requests on their way to the engine without changing a byte of them. A request that is `held` goes on
 * only when its whole body was found good; of a connection that is taken over (attach, exec, build sessions) nothing more
 * is looked at once the engine has agreed.
 */
import { chunkedBody, lengthBody, RequestError } from './request-body.ts'
import type { BodyReader } from './request-body.ts'

export interface RequestHead {
  readonly method: string
  /** With its query. */
  readonly path: string
  /** Names in lower case; of several the last. */
  readonly headers: ReadonlyMap<string, string>
}

/** `hijack`: the engine may take the connection over, whatever the headers say. */
export interface Verdict {
  readonly refuse?: string
  readonly hijack?: boolean
}

export interface GateRules {
  /** Its body is wanted as a whole. */
  readonly holds: (head: RequestHead) => boolean
  /** Of a held request. */
  readonly judge: (head: RequestHead, body: Buffer) => Promise<Verdict>
  /** A connection that is taken over without asking for it in its headers (clients older than API 1.20). */
  readonly hijacks: (head: RequestHead) => boolean
  /** Told of each request that goes on; what it gives is told the beginning of the answer. */
  readonly seen?: (head: RequestHead) => ((answer: Buffer) => void) | undefined
}

/** Longest head, and longest body that is held, bytes; Go's servers take heads of 1 MiB. */
const HEAD_MAX = 1 << 20
export const HELD_MAX = 8 << 20

const EMPTY = Buffer.alloc(0)

/** The place behind the empty line that ends a head; -1 while there is none. */
function endOfHead(bytes: Buffer): number {
  for (let at = bytes.indexOf(0x0a); at >= 0; at = bytes.indexOf(0x0a, at + 1)) {
    if (bytes[at + 1] === 0x0a) return at + 2
    if (bytes[at + 1] === 0x0d && bytes[at + 2] === 0x0a) return at + 3
  }
  return -1
}

/** @throws RequestError */
export function parseHead(bytes: Buffer): RequestHead {
  const [first = '', ...lines] = bytes.toString('latin1').split(/\r?\n/)
  const [, method, path] = /^([A-Z]+) (\S+) HTTP\/1\.[01]$/.exec(first) ?? []
  if (method === undefined || path === undefined) throw new RequestError('not a request of HTTP/1.1')
  const headers = new Map<string, string>()
  for (const line of lines) {
    const colon = line.indexOf(':')
    if (colon > 0) headers.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim())
  }
  return { method, path, headers }
}

interface Current {
  readonly head: RequestHead
  readonly body: BodyReader
  readonly held: boolean
  readonly raw: Buffer[]
  readonly content: Buffer[]
}

export class RequestGate {
  readonly #rules: GateRules
  readonly #onHead: ((head: RequestHead) => void) | undefined
  #rest: Buffer = EMPTY
  #current: Current | null = null
  #size = 0
  /** `asked`: the engine decides whether the connection is taken over; what comes until then waits. */
  #mode: 'requests' | 'asked' | 'open' | 'refused' = 'requests'
  /** Statuses with which the engine agrees: 101 when the headers asked for it, as RFC 9110 has it, else 200. */
  #agreed = 101
  #answer = ''
  #tell: ((answer: Buffer) => void) | undefined

  /** `onHead`: told of each request before any of it goes on. */
  constructor(rules: GateRules, onHead?: (head: RequestHead) => void) {
    this.#rules = rules
    this.#onHead = onHead
  }

  /** What may go on now, in its order; `refuse`: why the connection ends here. One call at a time. */
  async push(chunk: Buffer): Promise<{ readonly out: readonly Buffer[]; readonly refuse?: string }> {
    if (this.#mode === 'open') return { out: [chunk] }
    if (this.#mode === 'refused') return { out: [] }
    this.#rest = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk
    const out: Buffer[] = []
    try {
      while (this.#mode === 'requests' && this.#rest.length > 0) {
        const refuse = await this.#step(out)
        if (refuse === null) break
        if (refuse !== '') return this.#refuse(out, refuse)
      }
      if (this.#rest.length > HELD_MAX) throw new RequestError('it speaks before it was answered')
    } catch (error) {
      if (!(error instanceof RequestError)) throw error
      return this.#refuse(out, `Naru does not understand this request: ${error.message}`)
    }
    return { out }
  }

  /** It waits for the engine's answer. */
  get waits(): boolean {
    return this.#mode === 'asked'
  }

  /** What the engine says; true when what waits may go on (see {@link push} with nothing). */
  answered(chunk: Buffer): boolean {
    const tell = this.#tell
    this.#tell = undefined
    tell?.(chunk)
    if (this.#mode !== 'asked') return false
    this.#answer += chunk.toString('latin1', 0, 16)
    const status = /^HTTP\/1\.[01] (\d{3})/.exec(this.#answer)?.[1]
    if (status === undefined && this.#answer.length < 12) return false
    // Any other is an answer like all others, and the next request may follow.
    this.#mode = Number(status) === this.#agreed ? 'open' : 'requests'
    return true
  }

  /** What waited, after {@link answered}. */
  async resume(): Promise<{ readonly out: readonly Buffer[]; readonly refuse?: string }> {
    const rest = this.#rest
    this.#rest = EMPTY
    return rest.length > 0 ? this.push(rest) : { out: [] }
  }

  #refuse(out: readonly Buffer[], refuse: string): { readonly out: readonly Buffer[]; readonly refuse: string } {
    this.#mode = 'refused'
    this.#rest = EMPTY
    return { out, refuse }
  }

  /** One step; null when more bytes are needed, else why it is refused or ''. */
  async #step(out: Buffer[]): Promise<string | null> {
    if (!this.#current) {
      const end = endOfHead(this.#rest)
      if (end < 0) {
        if (this.#rest.length > HEAD_MAX) throw new RequestError('its head is too long')
        return null
      }
      const bytes = this.#take(end)
      this.#current = this.#begin(parseHead(bytes))
      this.#give(out, bytes)
    }
    const { body } = this.#current
    this.#give(out, this.#take(body.read(this.#rest, 0)))
    return body.done() ? this.#end(out) : null
  }

  #take(size: number): Buffer {
    const bytes = this.#rest.subarray(0, size)
    this.#rest = this.#rest.subarray(size)
    return bytes
  }

  #give(out: Buffer[], bytes: Buffer): void {
    if (bytes.length === 0) return
    if (!this.#current?.held) out.push(bytes)
    else this.#current.raw.push(bytes)
  }

  #begin(head: RequestHead): Current {
    this.#onHead?.(head)
    const held = this.#rules.holds(head)
    const content: Buffer[] = []
    this.#size = 0
    const keep = (piece: Buffer): void => {
      if (!held) return
      this.#size += piece.length
      if (this.#size > HELD_MAX) throw new RequestError('its body is too long')
      content.push(piece)
    }
    const chunked = /\bchunked$/i.test(head.headers.get('transfer-encoding') ?? '')
    const length = head.headers.get('content-length') ?? '0'
    if (!chunked && !/^\d{1,15}$/.test(length)) throw new RequestError('its length is no number')
    return { head, held, raw: [], content, body: chunked ? chunkedBody(keep) : lengthBody(Number(length), keep) }
  }

  async #end(out: Buffer[]): Promise<string> {
    const current = this.#current
    if (!current) return ''
    const { head, held, raw, content } = current
    const { refuse, hijack } = held ? await this.#rules.judge(head, Buffer.concat(content)) : {}
    if (refuse !== undefined) return refuse
    if (held) out.push(...raw)
    this.#tell = this.#rules.seen?.(head)
    this.#current = null
    if (hijack ?? (head.headers.has('upgrade') || this.#rules.hijacks(head))) {
      this.#mode = 'asked'
      this.#agreed = head.headers.has('upgrade') ? 101 : 200
      this.#answer = ''
    }
    return ''
  }
}
