/**
 * Where reading left off, so that it can go on after a restart of the container or of the engine. Stdout and stderr
 * are copied by two writers of the engine and may be stored slightly out of order against each other, while each is
 * in order by itself: hence one cursor per stream, and a request that reaches back a little behind the newest one.
 */

/** How far behind the newest line a resumed request begins, seconds. Lines read twice are dropped by the cursor. */
const OVERLAP_SECONDS = 1

interface StreamCursor {
  /** Stamp of the newest line taken; `seconds` is NaN before the first. */
  seconds: number
  nanos: number
  /** Lines taken that carry exactly this stamp. */
  count: number
  replaying: boolean
  /** Lines with exactly this stamp met again since `rewind`. */
  met: number
}

const fresh = (): StreamCursor => ({ seconds: Number.NaN, nanos: 0, count: 0, replaying: false, met: 0 })

/** Cursor of one container's log: timestamp and count of lines already taken at it, per stream. */
export class LogCursor {
  /** [stdout or tty, stderr] */
  readonly #streams: readonly [StreamCursor, StreamCursor] = [fresh(), fresh()]
  #firstSeconds = Number.NaN
  #firstNanos = 0

  /** The next lines may be ones already taken: they come from a request that began at `since()`. */
  rewind(): void {
    for (const stream of this.#streams) {
      stream.replaying = !Number.isNaN(this.#firstSeconds)
      stream.met = 0
    }
  }

  /** True when the line is new; false when it was taken before (or is older than the view) and must be dropped. */
  take(index: 0 | 1, seconds: number, nanos: number): boolean {
    const stream = this.#streams[index]
    if (stream.replaying && !this.#isNew(stream, seconds, nanos)) return false
    if (Number.isNaN(this.#firstSeconds)) {
      this.#firstSeconds = seconds
      this.#firstNanos = nanos
    }
    if (seconds === stream.seconds && nanos === stream.nanos) stream.count++
    else {
      stream.seconds = seconds
      stream.nanos = nanos
      stream.count = 1
    }
    return true
  }

  /** `since` of the next request ("seconds.nanoseconds"); null when nothing was taken yet. */
  since(): string | null {
    const [out, err] = this.#streams
    const errIsNewer = Number.isNaN(out.seconds) || (err.seconds - out.seconds || err.nanos - out.nanos) > 0
    const newest = errIsNewer ? err : out
    if (Number.isNaN(newest.seconds)) return null
    const seconds = newest.seconds - OVERLAP_SECONDS
    // Just before the first line's second: Podman cuts stamps to seconds and leaves out the moment of `since` itself.
    if (!(seconds > this.#firstSeconds)) return `${this.#firstSeconds - 1}.999999999`
    return `${seconds}.${String(newest.nanos).padStart(9, '0')}`
  }

  #isNew(stream: StreamCursor, seconds: number, nanos: number): boolean {
    if (Number.isNaN(stream.seconds)) {
      return (seconds - this.#firstSeconds || nanos - this.#firstNanos) >= 0
    }
    const ahead = seconds - stream.seconds || nanos - stream.nanos
    if (ahead < 0) return false
    if (ahead === 0 && stream.met < stream.count) {
      stream.met++
      return false
    }
    stream.replaying = false
    return true
  }
}
