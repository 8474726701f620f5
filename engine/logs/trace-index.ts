/** Which lines of a store go on with one before: a bit for each line, found a little at a time as lines come. */
import { LOG_GAP, LOG_STDERR } from '../contract/models.ts'
import { stripAnsi } from './ansi.ts'
import { lineStart } from './chunk.ts'
import type { Chunk } from './chunk.ts'
import { detectLevel } from './level.ts'
import type { LogStore } from './store.ts'
import { GROUP_MAX, GROUP_PAUSE_MS, isIndented, mayJoin, stepTrace } from './trace.ts'
import type { TraceState, TraceStep } from './trace.ts'

/** Lines of a page of bits. */
const PAGE = 16_384
/** Lines of other containers that may stand between two of one group. */
const SPAN = 4_096
/** Lines looked at before the clock. */
const STEP = 512
/** Bytes of a line that are looked at. */
const HEAD = 640

const NOTHING: TraceStep = { joins: false, state: 'none' }
const PLAIN: TraceStep = { joins: false, state: 'plain' }
const MORE: TraceStep = { joins: true, state: 'trace' }

/** One container's one output. */
interface Stream {
  state: TraceState
  /** Its newest line, and when that came. */
  line: number
  time: number
  /** First line of the group the newest is of, and lines behind it. */
  head: number
  joined: number
}

export class TraceIndex {
  readonly #store: LogStore
  readonly #pages = new Map<number, Uint32Array>()
  readonly #streams = new Map<number, Stream>()
  #firstPage = 0
  #next = 0
  #near: Chunk | null = null
  #nearEnd = -1

  constructor(store: LogStore) {
    this.#store = store
  }

  /** Lines before it are known. */
  get end(): number {
    return this.#next
  }

  /** Looks at new lines until `deadline` (of performance.now); true when all that are held are known. */
  run(deadline: number): boolean {
    while (this.#next < this.#store.endLine) {
      this.#next = Math.max(this.#next, this.#store.firstLine)
      const chunk = this.#store.chunkAt(this.#next)
      if (!chunk) return true
      const from = this.#next - chunk.first
      const to = Math.min(chunk.count, from + STEP)
      for (let index = from; index < to; index++) if (this.#take(chunk, index)) this.#mark(chunk.first + index)
      this.#next = chunk.first + to
      if (performance.now() > deadline) break
    }
    for (; (this.#firstPage + 1) * PAGE <= this.#store.firstLine; this.#firstPage++) this.#pages.delete(this.#firstPage)
    return this.#next >= this.#store.endLine
  }

  /** True when a line goes on with one before. */
  joins(line: number): boolean {
    const bits = this.#pages.get(Math.floor(line / PAGE))
    return bits !== undefined && ((bits[(line % PAGE) >> 5] as number) & (1 << (line & 31))) !== 0
  }

  /** First line of the group of a line that joins one; -1 when it is no longer held. */
  headOf(line: number): number {
    const key = this.keyOf(line)
    for (let at = line - 1; at >= this.#store.firstLine; at--) if (this.keyOf(at) === key && !this.joins(at)) return at
    return -1
  }

  /** Container and output of a line. */
  keyOf(line: number): number {
    let chunk = this.#near
    // Chunks change when lines are added: what is kept is of one moment.
    if (!chunk || this.#nearEnd !== this.#store.endLine || line < chunk.first || line >= chunk.first + chunk.count) {
      chunk = this.#near = this.#store.chunkAt(line)
      this.#nearEnd = this.#store.endLine
    }
    return chunk ? keyAt(chunk, line - chunk.first) : -1
  }

  #take(chunk: Chunk, index: number): boolean {
    const line = chunk.first + index
    const stream = this.#streamOf(keyAt(chunk, index))
    const time = chunk.times[index] as number
    const step = (chunk.flags[index] as number) & LOG_GAP ? NOTHING : this.#step(chunk, index, stream)
    const { joins } = step
    stream.state = step.state
    stream.line = line
    stream.time = time
    if (joins) stream.joined++
    else {
      stream.head = line
      stream.joined = 0
    }
    return joins
  }

  /** Most lines are decided by their first bytes. */
  #step(chunk: Chunk, index: number, stream: Stream): TraceStep {
    const line = chunk.first + index
    const late = (chunk.times[index] as number) - stream.time > GROUP_PAUSE_MS || line - stream.line > SPAN || stream.joined >= GROUP_MAX
    const state = late ? 'none' : stream.state
    if (state === 'none' || state === 'plain' || state === 'trace') {
      const [from, to] = [lineStart(chunk, index), (chunk.ends[index] as number) - 1]
      if (isIndented(chunk.text, from, to)) return state === 'none' ? NOTHING : MORE
      if (!mayJoin(chunk.text, from, to)) return PLAIN
    }
    return stepTrace(textOf(chunk, index), state, () => this.#isSerious(stream.head))
  }

  #isSerious(line: number): boolean {
    const chunk = line >= this.#store.firstLine ? this.#store.chunkAt(line) : null
    const level = chunk ? detectLevel(textOf(chunk, line - chunk.first)) : 'unknown'
    return level === 'warn' || level === 'error' || level === 'fatal'
  }

  #streamOf(key: number): Stream {
    let stream = this.#streams.get(key)
    if (!stream) this.#streams.set(key, (stream = { state: 'none', line: 0, time: Number.NaN, head: 0, joined: 0 }))
    return stream
  }

  #mark(line: number): void {
    const number = Math.floor(line / PAGE)
    let bits = this.#pages.get(number)
    if (!bits) this.#pages.set(number, (bits = new Uint32Array(PAGE / 32)))
    const word = (line % PAGE) >> 5
    bits[word] = (bits[word] as number) | (1 << (line & 31))
  }
}

const keyAt = (chunk: Chunk, index: number): number => (chunk.sources[index] as number) * 2 + ((chunk.flags[index] as number) & LOG_STDERR)

function textOf(chunk: Chunk, index: number): string {
  const from = lineStart(chunk, index)
  const to = Math.min((chunk.ends[index] as number) - 1, from + HEAD)
  return stripAnsi(Buffer.from(chunk.text.buffer, chunk.text.byteOffset + from, Math.max(0, to - from)).toString('utf8')).trimEnd()
}
