/** Where in a log a person wants to go, from what they typed. Pure. */

export type JumpTarget = { readonly time: number } | { readonly line: number }

const SECOND = 1_000
const UNITS: Readonly<Record<string, number>> = { s: SECOND, m: 60 * SECOND, h: 3_600 * SECOND, d: 86_400 * SECOND }
const AGO = /^-?((?:\d{1,6}[smhd]\s?){1,4})$/i
const LINE = /^#?\s?(\d{1,12})$/
const CLOCK = /^(?:(\d{4})-(\d\d)-(\d\d)(?:[T ]|$))?(?:(\d{1,2}):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?)?\s?(Z|[+-]\d\d:?\d\d)?$/i

/**
 * `10m` or `1h30m` ago; `14:30`, `14:30:05.123` (the last time it was so late), `2026-11-27 14:30`, with `Z` or an
 * offset as well; `#120` or `120` for a line, counted from 1. Null when it is none of these.
 * @param utc times without an offset are UTC. @param now milliseconds since 1970.
 */
export function parseJump(typed: string, utc: boolean, now: number): JumpTarget | null {
  const text = typed.trim()
  const line = LINE.exec(text)
  if (line) return { line: Math.max(0, Number(line[1]) - 1) }
  const ago = AGO.exec(text)
  if (ago) return { time: now - lengthOf(ago[1] ?? '') }
  const clock = CLOCK.exec(text)
  const time = clock && text !== '' ? momentOf(clock, utc, now) : Number.NaN
  return Number.isNaN(time) ? null : { time }
}

function lengthOf(text: string): number {
  let total = 0
  for (const [, count, unit] of text.matchAll(/(\d+)([smhd])/gi)) total += Number(count) * (UNITS[unit?.toLowerCase() ?? ''] ?? 0)
  return total
}

function momentOf(parts: RegExpExecArray, utc: boolean, now: number): number {
  const [, year, month, day, hour, minute, second, fraction, zone] = parts
  if (year === undefined && hour === undefined) return Number.NaN
  const today = utc || zone ? new Date(now).toISOString().slice(0, 10) : localDay(now)
  const date = year === undefined ? today : `${year}-${month}-${day}`
  const clock = `${(hour ?? '0').padStart(2, '0')}:${minute ?? '00'}:${second ?? '00'}.${(fraction ?? '').slice(0, 3).padEnd(3, '0')}`
  const time = Date.parse(`${date}T${clock}${zone ? zone.toUpperCase() : utc ? 'Z' : ''}`)
  // `23:50` typed at ten past midnight is that of yesterday.
  return year === undefined && time > now ? time - (UNITS['d'] ?? 0) : time
}

function localDay(now: number): string {
  const at = new Date(now)
  return `${at.getFullYear()}-${String(at.getMonth() + 1).padStart(2, '0')}-${String(at.getDate()).padStart(2, '0')}`
}
