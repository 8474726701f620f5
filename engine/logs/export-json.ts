/** Lines of a log as JSON lines: one object each, for saving. */
import { LOG_CUT, LOG_GAP, LOG_STDERR } from '../contract/models.ts'
import type { LogContainerName } from '../contract/models.ts'
import { lineStart } from './chunk.ts'
import type { Chunk } from './chunk.ts'
import { LOG_LEVELS, parseJsonLine } from './level.ts'
import { LineLevels } from './line-levels.ts'
import { printTime } from './print-time.ts'

/** Bytes of one piece: control characters grow to six times their size. */
const PIECE_BYTES = 1024 * 1024

/**
 * Prints `{time, container: {id, name}, stream, level, line}` and a newline for each line. `time` is UTC with
 * microseconds, or null; `line` is as it was printed, its colours included, and what is no UTF-8 is U+FFFD; `cut` is
 * there, and true, when the line was longer than a view keeps. A line that is a JSON object itself (up to 64 KiB) is in
 * `fields` as well, letter by letter: numbers keep digits that a double has no room for.
 */
export class JsonPrinter {
  readonly #containers: readonly string[]
  readonly #levels = new LineLevels()
  #read: { readonly first: number; readonly count: number; readonly levels: Uint8Array } | null = null

  /** @param containers of the view, in its order. */
  constructor(containers: readonly LogContainerName[]) {
    this.#containers = containers.map(({ id, name }) => JSON.stringify({ id, name }))
  }

  /** Lines `[from, to)` of a chunk; chunks come in order. */
  *print(chunk: Chunk, from: number, to: number): Generator<Uint8Array> {
    const levels = this.#levelsOf(chunk)
    const text = Buffer.from(chunk.text.buffer, chunk.text.byteOffset, chunk.text.byteLength)
    let piece = ''
    for (let index = from; index < to; index++) {
      if ((chunk.flags[index] as number) & LOG_GAP) continue
      const line = text.toString('utf8', lineStart(chunk, index), (chunk.ends[index] as number) - 1)
      piece += this.#object(chunk, index, line, levels[index] as number)
      if (piece.length < PIECE_BYTES) continue
      yield* pieces(piece)
      piece = ''
    }
    yield* pieces(piece)
  }

  #object({ times, flags, sources }: Chunk, index: number, line: string, level: number): string {
    const time = times[index] as number
    const bits = flags[index] as number
    const when = Number.isFinite(time) ? `"${printTime(time)}"` : 'null'
    const stream = bits & LOG_STDERR ? 'stderr' : 'stdout'
    const container = this.#containers[sources[index] as number] ?? 'null'
    const cut = bits & LOG_CUT ? ',"cut":true' : ''
    const parsed = parseJsonLine(line)
    // A carriage return may stand between two parts of an object, and some readers end a line there.
    const fields = parsed ? `,"fields":${line.trim().includes('\r') ? JSON.stringify(parsed) : line.trim()}` : ''
    return `{"time":${when},"container":${container},"stream":"${stream}","level":"${LOG_LEVELS[level] ?? 'unknown'}","line":${JSON.stringify(line)}${cut}${fields}}\n`
  }

  /** A line that goes on with one before it has its level: all lines of a chunk are read, not only those printed. */
  #levelsOf(chunk: Chunk): Uint8Array {
    const { first, count } = chunk
    if (this.#read?.first !== first || this.#read.count < count) {
      this.#read = { first, count, levels: this.#levels.read(chunk, chunk.flags, chunk.sources) }
    }
    return this.#read.levels
  }
}

function* pieces(text: string): Generator<Uint8Array> {
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) yield new Uint8Array(bytes.subarray(at, at + PIECE_BYTES))
}
