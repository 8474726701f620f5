/** The time before a log line. */
import type { Settings } from '../../../engine/contract/models.ts'

const two = (value: number): string => String(value).padStart(2, '0')
const three = (value: number): string => String(value).padStart(3, '0')

/**
 * `12:04:31.212` local, the same in UTC with a `Z`, or `-3.212 s` before `now`; empty when off or unknown.
 * @param now milliseconds since 1970, for `relative`.
 */
export function timeText(time: number, mode: Settings['logTimestamps'], now: number): string {
  if (mode === 'off' || Number.isNaN(time)) return ''
  if (mode === 'relative') return relative(Math.max(0, now - time))
  const at = new Date(time)
  if (mode === 'utc') {
    return `${two(at.getUTCHours())}:${two(at.getUTCMinutes())}:${two(at.getUTCSeconds())}.${three(at.getUTCMilliseconds())}Z`
  }
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${three(at.getMilliseconds())}`
}

/** `2026-11-27 12:04:31.212` local, the same with a `Z` in UTC. */
export function fullTime(time: number, utc: boolean): string {
  const at = new Date(time)
  const day = utc ? [at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate()] : [at.getFullYear(), at.getMonth(), at.getDate()]
  return `${day[0]}-${two((day[1] ?? 0) + 1)}-${two(day[2] ?? 0)} ${timeText(time, utc ? 'utc' : 'local', 0)}`
}

const DAY = 86_400_000

/**
 * A moment with as much of it as matters beside others: milliseconds when `step` is below a second, seconds below a
 * minute, the day when `span` is more than one. @param step @param span milliseconds
 */
export function momentText(time: number, step: number, span: number, utc: boolean): string {
  const full = fullTime(time, utc)
  const clock = full.slice(11, step < 1_000 ? 23 : step < 60_000 ? 19 : 16)
  return span > DAY ? `${full.slice(5, 10)} ${clock}` : clock
}

function relative(ago: number): string {
  if (ago < 60_000) return `-${(ago / 1000).toFixed(1)}s`
  const minutes = Math.trunc(ago / 60_000)
  if (minutes < 60) return `-${minutes}m${two(Math.trunc((ago % 60_000) / 1000))}s`
  const hours = Math.trunc(minutes / 60)
  return hours < 48 ? `-${hours}h${two(minutes % 60)}m` : `-${Math.trunc(hours / 24)}d${two(hours % 24)}h`
}

/** Characters the longest text of a mode takes, for the width of the column. */
export const TIME_WIDTH: Readonly<Record<Settings['logTimestamps'], number>> = { off: 0, local: 12, utc: 13, relative: 7 }
