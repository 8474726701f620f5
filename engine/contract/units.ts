/**
 * Sizes and durations exactly as the docker CLI prints and reads them.
 * Source of the rules: github.com/docker/go-units (size.go, duration.go), as used by the CLI.
 */
import { NaruError } from './errors.ts'

const DECIMAL_UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB', 'ZB', 'YB'] as const
const BINARY_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB', 'ZiB', 'YiB'] as const
const BINARY_EXPONENT: Readonly<Record<string, number>> = { k: 1, m: 2, g: 3, t: 4, p: 5 }
/** First value that no longer fits the engine's signed 64-bit sizes. */
const TOO_LARGE = 2 ** 63

/**
 * Bytes in decimal units with up to four significant digits: `1.234MB`, `999B`, `0B`.
 * @param digits significant digits; the docker CLI prints image sizes with 3, everything else with 4.
 * @throws RangeError for NaN and infinities.
 */
export function formatBytes(bytes: number, digits = 4): string {
  return sizeIn(bytes, 1000, DECIMAL_UNITS, digits)
}

/**
 * Bytes in binary units, as the docker CLI prints memory: `64MiB`, `1.5GiB`, `999B`.
 * @throws RangeError for NaN and infinities.
 */
export function formatMemory(bytes: number, digits = 4): string {
  return sizeIn(bytes, 1024, BINARY_UNITS, digits)
}

function sizeIn(bytes: number, base: number, units: readonly string[], digits: number): string {
  if (!Number.isFinite(bytes)) throw new RangeError(`not a size: ${bytes}`)
  let size = bytes
  let unit = 0
  while (size >= base && unit < units.length - 1) {
    size /= base
    unit++
  }
  return significant(size, digits) + units[unit]
}

/** C's `%.{digits}g`: trailing zeros dropped, exponent form below 1e-4 and from 10^digits on. */
function significant(value: number, digits: number): string {
  if (value === 0) return '0'
  const [mantissa = '', exponentText = '0'] = value.toExponential(digits - 1).split('e')
  const exponent = Number(exponentText)
  const trimmed = (text: string): string => (text.includes('.') ? text.replace(/\.?0+$/, '') : text)
  if (exponent < -4 || exponent >= digits) {
    const sign = exponent < 0 ? '-' : '+'
    return `${trimmed(mantissa)}e${sign}${String(Math.abs(exponent)).padStart(2, '0')}`
  }
  return trimmed(value.toFixed(Math.max(0, digits - 1 - exponent)))
}

/** A decimal number as Go's strconv.ParseFloat takes it: digits may be separated by single underscores. */
const DIGITS = String.raw`\d+(?:_\d+)*`
const SIZE_NUMBER = new RegExp(String.raw`^\+?(?:${DIGITS}(?:\.(?:${DIGITS})?)?|\.${DIGITS})(?:[eE][+-]?${DIGITS})?$`)

/**
 * Bytes of a text as `docker run --memory` reads it: binary units whatever their spelling (`512m`, `1.5g`, `1GiB`,
 * `2 kb`); a bare number is bytes; fractions of a byte are cut off.
 * @throws NaruError `invalid-request` with params {value} for anything docker refuses.
 */
export function parseBytes(text: string): number {
  const last = lastNumeric(text)
  if (last < 0) throw badSize(text, `invalid size: '${text}'`)
  const number = text[last] === ' ' ? text.slice(0, last) : text.slice(0, last + 1)
  const suffix = text.slice(last + 1).toLowerCase()
  if (!SIZE_NUMBER.test(number)) throw badSize(text, `invalid size: '${text}'`)
  const bytes = Number(number.replaceAll('_', '')) * multiplier(suffix, text)
  if (!(bytes < TOO_LARGE)) throw badSize(text, `size too large: '${text}'`)
  return Math.trunc(bytes)
}

function lastNumeric(text: string): number {
  for (let i = text.length - 1; i >= 0; i--) if (/[0-9. ]/.test(text[i] ?? '')) return i
  return -1
}

function multiplier(suffix: string, text: string): number {
  if (suffix === '' || suffix === 'b') return 1
  const exponent = BINARY_EXPONENT[suffix[0] ?? '']
  const rest = suffix.slice(1)
  if (exponent === undefined || !(rest === '' || rest === 'b' || rest === 'ib')) {
    throw badSize(text, `invalid suffix: '${suffix}'`)
  }
  return 1024 ** exponent
}

function badSize(value: string, message: string): NaruError {
  return new NaruError('invalid-request', message, { params: { value }, hint: 'size' })
}

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

/** A stretch of time as docker says uptime: `Less than a second`, `About a minute`, `3 hours`, `2 weeks`. */
export function formatDuration(milliseconds: number): string {
  const seconds = Math.trunc(milliseconds / SECOND)
  if (!(seconds >= 1)) return 'Less than a second'
  if (seconds === 1) return '1 second'
  if (seconds < 60) return `${seconds} seconds`
  const minutes = Math.trunc(milliseconds / MINUTE)
  if (minutes === 1) return 'About a minute'
  if (minutes < 60) return `${minutes} minutes`
  const hours = Math.trunc(milliseconds / HOUR + 0.5)
  if (hours === 1) return 'About an hour'
  if (hours < 48) return `${hours} hours`
  if (hours < 24 * 7 * 2) return `${Math.trunc(hours / 24)} days`
  if (hours < 24 * 30 * 2) return `${Math.trunc(hours / 24 / 7)} weeks`
  if (hours < 24 * 365 * 2) return `${Math.trunc(hours / 24 / 30)} months`
  return `${Math.trunc(Math.trunc(milliseconds / HOUR) / 24 / 365)} years`
}
