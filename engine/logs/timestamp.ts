/** Reads the RFC 3339 prefix that `timestamps=true` puts before each log entry, straight from bytes. */

const DASH = 0x2d
const COLON = 0x3a
const DOT = 0x2e
const PLUS = 0x2b
const UPPER_Z = 0x5a
const ZERO = 0x30
/** `YYYY-MM-DDTHH:MM:SS` */
const SECONDS_LENGTH = 19
/** Longest prefix: seconds, nine digits of fraction, an offset, a space. */
export const STAMP_MAX = 36

const DIGIT_PLACES = [0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15, 17, 18] as const

function number(bytes: Uint8Array, from: number, digits: number): number {
  let value = 0
  for (let at = from; at < from + digits; at++) value = value * 10 + (bytes[at] ?? ZERO) - ZERO
  return value
}

function isSeconds(bytes: Uint8Array, at: number): boolean {
  for (const place of DIGIT_PLACES) {
    const digit = (bytes[at + place] ?? 0) - ZERO
    if (digit < 0 || digit > 9) return false
  }
  return (
    bytes[at + 4] === DASH &&
    bytes[at + 7] === DASH &&
    bytes[at + 10] === 0x54 &&
    bytes[at + 13] === COLON &&
    bytes[at + 16] === COLON
  )
}

/**
 * Parser with a memory of the last second it saw: neighbouring entries share it, so most calls compare 19 bytes
 * instead of doing calendar arithmetic. Reads into its fields, so that no object is made per line.
 */
export class StampReader {
  /** Whole seconds since 1970 of the stamp read last. */
  seconds = 0
  /** Nanoseconds within the second. */
  nanos = 0
  /** False when the engine printed no fraction (Podman): then stamps of one second are all equal. */
  fraction = false
  readonly #known = new Uint8Array(SECONDS_LENGTH)
  #knownSeconds = Number.NaN

  /** Length of the prefix at `from`, its space included; 0 when there is none. `end` bounds the reading. */
  read(bytes: Uint8Array, from: number, end: number): number {
    if (end - from < SECONDS_LENGTH + 2) return 0
    if (!this.#sameSecond(bytes, from) && !this.#learn(bytes, from)) return 0
    let at = from + SECONDS_LENGTH
    this.nanos = 0
    this.fraction = bytes[at] === DOT
    if (this.fraction) {
      let scale = 100_000_000
      let value = 0
      const first = ++at
      for (; at < end && at < first + 9; at++) {
        const digit = (bytes[at] ?? 0) - ZERO
        if (digit < 0 || digit > 9) break
        value += digit * scale
        scale /= 10
      }
      if (at === first) return 0
      this.nanos = value
    }
    this.seconds = this.#knownSeconds
    const mark = bytes[at]
    if (mark === UPPER_Z) at++
    else {
      if ((mark !== PLUS && mark !== DASH) || bytes[at + 3] !== COLON || at + 6 > end) return 0
      const offset = number(bytes, at + 1, 2) * 3600 + number(bytes, at + 4, 2) * 60
      if (!(offset <= 24 * 3600)) return 0
      this.seconds -= mark === PLUS ? offset : -offset
      at += 6
    }
    // An entry without text may come without the space.
    if (at === end) return at - from
    return bytes[at] === 0x20 ? at + 1 - from : 0
  }

  #sameSecond(bytes: Uint8Array, from: number): boolean {
    if (Number.isNaN(this.#knownSeconds)) return false
    for (let at = SECONDS_LENGTH - 1; at >= 0; at--) {
      if (bytes[from + at] !== this.#known[at]) return false
    }
    return true
  }

  #learn(bytes: Uint8Array, from: number): boolean {
    if (!isSeconds(bytes, from)) return false
    const ms = Date.UTC(
      number(bytes, from, 4),
      number(bytes, from + 5, 2) - 1,
      number(bytes, from + 8, 2),
      number(bytes, from + 11, 2),
      number(bytes, from + 14, 2),
      number(bytes, from + 17, 2),
    )
    this.#knownSeconds = ms / 1000
    this.#known.set(bytes.subarray(from, from + SECONDS_LENGTH))
    return true
  }
}
