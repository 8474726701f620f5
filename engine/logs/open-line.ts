import { LineBuffer } from './line-buffer.ts'
import { STAMP_MAX } from './timestamp.ts'

/** Takes finished lines: `bytes[from, to)` without newline, valid only during the call. */
export interface LineSink {
  /** `seconds` is NaN when the engine told no time. Flags: LOG_STDERR, LOG_CUT, LOG_PARTIAL. */
  readonly line: (
    bytes: Uint8Array,
    from: number,
    to: number,
    seconds: number,
    nanos: number,
    flags: number,
  ) => void
}

/** A line that is not finished yet. */
export class OpenLine {
  readonly text = new LineBuffer()
  open = false
  seconds = Number.NaN
  nanos = 0
  fraction = false
  /** Bytes of the present entry, for finding where a tty line was split. */
  entryBytes = 0
  readonly stamp = new Uint8Array(STAMP_MAX)
  stampLength = 0

  begin(): void {
    this.open = true
    this.entryBytes = 0
    this.stampLength = 0
    this.text.clear()
  }
}
