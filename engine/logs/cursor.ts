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
  /** Newest stamp from before the clock was set back; null when it was not, or has caught up. */
  before: Stamp | null
}

interface Stamp {
  readonly seconds: number
  readonly nanos: number
}

const fresh = (): StreamCursor => ({ seconds: Number.NaN, nanos: 0, count: 0, replaying: false, met: 0, before: null })

/** Positive when `seconds`, `nanos` is later than `stamp`; NaN when that is none yet. */
const aheadOf = (stamp: Stamp, seconds: number, nanos: number): number => (seconds === stamp.seconds ? nanos - stamp.nanos : seconds - stamp.seconds)

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
    const ahead = aheadOf(stream, seconds, nanos)
    if (ahead === 0) stream.count++
    else {
      if (ahead < 0) stream.before ??= { seconds: stream.seconds, nanos: stream.nanos }
      else if (stream.before && aheadOf(stream.before, seconds, nanos) > 0) stream.before = null
      stream.seconds = seconds
      stream.nanos = nanos
      stream.count = 1
    }
    return true
  }

  /**
   * `since` of the next request ("seconds.nanoseconds"); null when nothing was taken yet.
   * @param now seconds since 1970: where lines are newer, the clock was set back, and what came after them is older
   */
  since(now: number): string | null {
    const [out, err] = this.#streams
    const errIsNewer = Number.isNaN(out.seconds) || aheadOf(out, err.seconds, err.nanos) > 0
    const newest = errIsNewer ? err : out
    if (Number.isNaN(newest.seconds)) return null
    const [whole, nanos] = newest.seconds > now ? [Math.floor(now), 0] : [newest.seconds, newest.nanos]
    const seconds = whole - OVERLAP_SECONDS
    // Just before the first line's second: Podman cuts stamps to seconds and leaves out the moment of `since` itself.
    if (!(seconds > this.#firstSeconds)) return `${this.#firstSeconds - 1}.999999999`
    return `${seconds}.${String(nanos).padStart(9, '0')}`
  }

  #isNew(stream: StreamCursor, seconds: number, nanos: number): boolean {
    if (Number.isNaN(stream.seconds)) {
      return (seconds - this.#firstSeconds || nanos - this.#firstNanos) >= 0
    }
    const ahead = aheadOf(stream, seconds, nanos)
    // All that had been taken has passed: what comes now is new, even with the stamp of a clock that was set back.
    const passed = stream.met > 0 && stream.met === stream.count
    if (!passed && (ahead < 0 || (ahead > 0 && stream.before && aheadOf(stream.before, seconds, nanos) <= 0))) return false
    if (ahead === 0 && stream.met < stream.count) {
      stream.met++
      return false
    }
    stream.replaying = false
    return true
  }
}
