/** Log entries as an engine stores them, and the bytes it sends for them. */

export interface LogEntry {
  readonly stream: 'stdout' | 'stderr'
  /** Whole seconds since 1970, and nanoseconds within. */
  readonly seconds: number
  readonly nanos: number
  /** With its newline, unless the entry is a part of a longer line. */
  readonly text: string | Uint8Array
}

/** `2026-01-02T03:04:05.000000006Z`, as Docker prints it; without fraction and with an offset as Podman does. */
export function stampOf(entry: LogEntry, style: 'docker' | 'podman' = 'docker'): string {
  const iso = new Date(entry.seconds * 1000).toISOString().slice(0, 19)
  if (style === 'docker') return `${iso}.${String(entry.nanos).padStart(9, '0')}Z`
  const local = new Date((entry.seconds + 9 * 3600) * 1000).toISOString().slice(0, 19)
  return `${local}+09:00`
}

/** One frame: header, stamp, text. */
export function frameOf(entry: LogEntry, style: 'docker' | 'podman' | 'bare' = 'docker'): Uint8Array {
  const payload = bodyOf(entry, style)
  const header = Buffer.alloc(8)
  header[0] = entry.stream === 'stderr' ? 2 : 1
  header.writeUInt32BE(payload.length, 4)
  return Buffer.concat([header, payload])
}

/** The entry as it is sent for a container with a terminal. */
export function bodyOf(entry: LogEntry, style: 'docker' | 'podman' | 'bare' = 'docker'): Uint8Array {
  const stamp = style === 'bare' ? '' : `${stampOf(entry, style)} `
  return Buffer.concat([Buffer.from(stamp), Buffer.from(entry.text as string)])
}

/** Cuts bytes at the given places (any numbers; folded into the length). */
export function cutAt(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const cuts = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((one, other) => one - other)
  const pieces: Uint8Array[] = []
  let from = 0
  for (const to of [...cuts, bytes.length]) {
    if (to > from) pieces.push(bytes.slice(from, to))
    from = to
  }
  return pieces
}

export interface SeenLine {
  readonly text: string
  readonly seconds: number
  readonly nanos: number
  readonly flags: number
}

/** A line sink that keeps what it is given. */
export function collector(): { lines: SeenLine[]; line: LineTaker } {
  const lines: SeenLine[] = []
  return { lines, line: (...line) => push(lines, line) }
}

type LineTaker = (bytes: Uint8Array, from: number, to: number, seconds: number, nanos: number, flags: number) => void

function push(lines: SeenLine[], [bytes, from, to, seconds, nanos, flags]: Parameters<LineTaker>): void {
  lines.push({ text: Buffer.from(bytes.subarray(from, to)).toString('utf8'), seconds, nanos, flags })
}
