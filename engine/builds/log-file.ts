/**
 * The log of one build: lines go to a file in the order they came and are read back by number, whole or of one step.
 * In memory are only where each line is (about 13 bytes a line) and what is not written yet.
 */
import { mkdir, open, readFile, rm } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { BuildLogLine, BuildLogWindow } from '../contract/models.ts'

/** Of one build's log is kept at most this, bytes; builders clip the log of a step at 2 MiB themselves. */
export const MAX_LOG_BYTES = 32 * 1024 * 1024
export const MAX_LOG_LINES = 500_000
/** One answer holds about this much text, bytes. */
const WINDOW_BYTES = 1024 * 1024
/** Written when this much waits, bytes. */
const FLUSH_BYTES = 64 * 1024

export interface BuildLogFile {
  readonly add: (line: BuildLogLine) => void
  /** Resolves when little waits to be written: the pace of who adds. */
  readonly drained: () => Promise<void>
  readonly total: () => number
  /** @param stepId null = every line */
  readonly window: (stepId: string | null, from: number, count: number) => Promise<BuildLogWindow>
  readonly close: () => Promise<void>
}

interface Limits {
  readonly bytes: number
  readonly lines: number
}

/** A step's number in the file; -1 = the builder's own words. */
const numberOf = (stepId: string | undefined): number => (stepId === undefined ? -1 : Number(stepId.slice(1)))

/** `<step> <e|o> <ms> <text>` */
const encode = ({ stepId, stderr, at, text }: BuildLogLine): string => `${numberOf(stepId)} ${stderr ? 'e' : 'o'} ${Math.round(at)} ${text.replaceAll('\n', ' ')}\n`
const LINE = /^(-?\d+) ([eo]) (\d+) ([\s\S]*)$/

function parse(line: string): BuildLogLine | null {
  const found = LINE.exec(line)
  if (!found) return null
  const step = Number(found[1])
  return { text: found[4] ?? '', stderr: found[2] === 'e', at: Number(found[3]), ...(step >= 0 && { stepId: `s${step}` }) }
}

class LogFile {
  readonly #path: string
  readonly #limits: Limits
  /** Offset at which each line ends, and the step it is of. */
  readonly #ends: number[] = []
  readonly #steps: number[] = []
  readonly #ofStep = new Map<number, number>()
  #waiting: string[] = []
  #waitingBytes = 0
  #writing: Promise<void> = Promise.resolve()
  #dropped = 0
  #handle: FileHandle | null = null
  #closed = false

  constructor(path: string, limits: Limits) {
    this.#path = path
    this.#limits = limits
  }

  get total(): number {
    return this.#ends.length
  }

  get waitingBytes(): number {
    return this.#waitingBytes
  }

  /** Takes up what a file of an earlier session holds. */
  async load(): Promise<void> {
    const text = await readFile(this.#path).catch(() => Buffer.alloc(0))
    for (let at = text.indexOf(10), start = 0; at >= 0; at = text.indexOf(10, start)) {
      this.#note(Number.parseInt(text.toString('latin1', start, Math.min(at, start + 12)), 10), at + 1)
      start = at + 1
    }
  }

  #note(step: number, end: number): void {
    this.#ends.push(end)
    this.#steps.push(step)
    this.#ofStep.set(step, (this.#ofStep.get(step) ?? 0) + 1)
  }

  add(line: BuildLogLine): void {
    const text = encode(line)
    const bytes = Buffer.byteLength(text)
    const end = (this.#ends.at(-1) ?? 0) + bytes
    if (this.#ends.length >= this.#limits.lines || end > this.#limits.bytes) {
      this.#dropped += 1
      return
    }
    this.#note(numberOf(line.stepId), end)
    this.#waiting.push(text)
    this.#waitingBytes += bytes
    if (this.#waitingBytes >= FLUSH_BYTES) void this.flush()
  }

  /** Never rejects: a log that cannot be written is missing, the build goes on. */
  flush(): Promise<void> {
    if (this.#waiting.length === 0) return this.#writing
    this.#writing = this.#writing.then(async () => {
      const text = this.#waiting.join('')
      this.#waiting = []
      this.#waitingBytes = 0
      try {
        this.#handle ??= await this.#open()
        await this.#handle.appendFile(text)
      } catch {
        // Told by windows that come back short.
      }
    })
    return this.#writing
  }

  async #open(): Promise<FileHandle> {
    await mkdir(dirname(this.#path), { recursive: true, mode: 0o700 })
    return open(this.#path, 'a+', 0o600)
  }

  async window(stepId: string | null, from: number, count: number): Promise<BuildLogWindow> {
    await this.flush()
    const step = stepId === null ? null : numberOf(stepId)
    const total = step === null ? this.total : (this.#ofStep.get(step) ?? 0)
    const numbers = this.#numbers(step, from, count)
    const first = numbers[0]
    const dropped = step === null ? this.#dropped : 0
    if (first === undefined) return { from, lines: [], total, dropped }
    const own = new Set(numbers)
    const start = first === 0 ? 0 : (this.#ends[first - 1] as number)
    const text = await this.#read(start, this.#ends[numbers.at(-1) as number] as number)
    const all = text.split('\n').slice(0, -1)
    const lines = all.flatMap((line, index) => (own.has(first + index) ? (parse(line) ?? []) : []))
    return { from, lines, total, dropped }
  }

  /** Numbers of the wanted lines, as many as one answer may hold; of a step's lines none lies too far from the first. */
  #numbers(step: number | null, from: number, count: number): number[] {
    const numbers: number[] = []
    let seen = 0
    for (let at = step === null ? from : 0; at < this.#ends.length && numbers.length < count; at += 1) {
      if (step !== null && this.#steps[at] !== step) continue
      if (step !== null && (seen += 1) <= from) continue
      const first = numbers[0] ?? at
      const start = first === 0 ? 0 : (this.#ends[first - 1] as number)
      if (numbers.length > 0 && (this.#ends[at] as number) - start > WINDOW_BYTES) break
      numbers.push(at)
    }
    return numbers
  }

  async #read(start: number, end: number): Promise<string> {
    // Who reads after the end, as a page does whose build has just ended, leaves nothing open.
    const own = this.#closed || !this.#handle ? await open(this.#path, 'r').catch(() => null) : null
    try {
      const handle = own ?? this.#handle
      if (!handle) return ''
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(end - start), 0, end - start, start)
      return buffer.toString('utf8', 0, bytesRead)
    } catch {
      return ''
    } finally {
      await own?.close().catch(() => undefined)
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.flush()
    await this.#handle?.close().catch(() => undefined)
    this.#handle = null
  }
}

/** @param options `load`: take up what the file holds already */
export async function openBuildLog(path: string, options: { readonly load?: boolean; readonly limits?: Limits } = {}): Promise<BuildLogFile> {
  const file = new LogFile(path, options.limits ?? { bytes: MAX_LOG_BYTES, lines: MAX_LOG_LINES })
  if (options.load) await file.load()
  return {
    add: (line) => file.add(line),
    drained: () => (file.waitingBytes < FLUSH_BYTES * 8 ? Promise.resolve() : file.flush()),
    total: () => file.total,
    window: (stepId, from, count) => file.window(stepId, from, count),
    close: () => file.close(),
  }
}

/** Removes a log; does not mind when there is none. */
export const removeBuildLog = (path: string): Promise<void> => rm(path, { force: true })
