/** A view's lines as printed, for saving. */
import { LOG_GAP, LOG_PARTIAL } from '../contract/models.ts'
import type { LogContainerName } from '../contract/models.ts'
import { NaruError } from '../contract/errors.ts'
import { lineStart } from './chunk.ts'
import type { Chunk } from './chunk.ts'
import { JsonPrinter } from './export-json.ts'
import { printTime } from './print-time.ts'
import { hasControls, stripAnsiBytes } from './strip-ansi.ts'
import type { LogStore } from './store.ts'

export interface ExportOptions {
  /** Each line begins with its time (UTC, microseconds) and a space. */
  readonly timestamps: boolean
  readonly stripAnsi: boolean
  /** The view's containers in its order: each line is a JSON object (export-json.ts), whatever the two above say. */
  readonly json?: readonly LogContainerName[] | undefined
  readonly signal: AbortSignal
  /** Runs of lines `[from, to)` to print, ascending; all that are held unless told. */
  readonly runs?: Iterable<readonly [number, number]>
}

/** UTF-8 pieces of at most about one chunk each; covers the lines held when it began. Pulled: pauses with its reader. */
export async function* exportStore(store: LogStore, options: ExportOptions): AsyncGenerator<Uint8Array> {
  const end = store.endLine
  const json = options.json && new JsonPrinter(options.json)
  for (const [first, behind] of options.runs ?? [[store.firstLine, end]]) {
    for (let line = first; line < Math.min(behind, end); ) {
      if (options.signal.aborted) throw new NaruError('cancelled', 'export cancelled')
      line = Math.max(line, store.firstLine)
      const chunk = store.chunkAt(line)
      if (!chunk) return
      const from = line - chunk.first
      const to = Math.min(chunk.count, behind - chunk.first, end - chunk.first)
      line = chunk.first + to
      if (to <= from) break
      if (json) {
        yield* json.print(chunk, from, to)
        continue
      }
      const piece = printed(chunk, from, to, options.timestamps, line === end)
      yield options.stripAnsi && hasControls(piece) ? stripAnsiBytes(piece) : piece
    }
  }
}

function printed(chunk: Chunk, from: number, to: number, timestamps: boolean, last: boolean): Uint8Array {
  const plain = !timestamps && chunk.flags.every((flags) => (flags & (LOG_GAP | LOG_PARTIAL)) === 0)
  if (plain) return chunk.text.slice(lineStart(chunk, from), chunk.ends[to - 1])
  const parts: Uint8Array[] = []
  for (let line = from; line < to; line++) {
    const flags = chunk.flags[line] as number
    if (flags & LOG_GAP) continue
    if (timestamps) parts.push(Buffer.from(`${printTime(chunk.times[line] as number)} `, 'latin1'))
    const end = (chunk.ends[line] as number) - (flags & LOG_PARTIAL ? 1 : 0)
    parts.push(chunk.text.subarray(lineStart(chunk, line), end))
    // What ended without a newline ends a file the same way; between lines it must not glue two together.
    if (flags & LOG_PARTIAL && !(last && line + 1 === to)) parts.push(Buffer.from('\n'))
  }
  return new Uint8Array(Buffer.concat(parts))
}
