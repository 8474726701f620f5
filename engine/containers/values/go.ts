/** Single values as Go's strconv, time and encoding/csv read them: that is how docker reads its flags. Pure. */
import { NaruError } from '../../contract/errors.ts'

/** Refusal of one value. `hint` names the sentence, below `errors.hint.` in the catalogues. */
export function refuseValue(hint: string, message: string, params: Readonly<Record<string, string>> = {}): NaruError {
  return new NaruError('invalid-request', message, { params, hint: `run.${hint}` })
}

const TRUE = new Set(['1', 't', 'T', 'TRUE', 'true', 'True'])
const FALSE = new Set(['0', 'f', 'F', 'FALSE', 'false', 'False'])

/** strconv.ParseBool. @throws NaruError `invalid-request` {value} */
export function parseBool(text: string): boolean {
  if (TRUE.has(text)) return true
  if (FALSE.has(text)) return false
  throw refuseValue('bool', `must be true or false: "${text}"`, { value: text })
}

const WHOLE = /^([+-]?)(0[xX]_?[0-9a-fA-F]+(?:_[0-9a-fA-F]+)*|0[bB]_?[01]+(?:_[01]+)*|0[oO]?_?[0-7]+(?:_[0-7]+)*|0|[1-9]\d*(?:_\d+)*)$/

/** strconv.ParseInt with base 0, within `min` and `max`. @throws NaruError `invalid-request` {value, min, max} */
export function parseWhole(text: string, min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER): number {
  const match = WHOLE.exec(text)
  const digits = (match?.[2] ?? '').replaceAll('_', '')
  const value = Number(/^0\d/.test(digits) ? `0o${digits.slice(1)}` : digits) * (match?.[1] === '-' ? -1 : 1)
  if (!match || !(value >= min && value <= max)) {
    throw refuseValue('whole', `must be a whole number from ${min} to ${max}: "${text}"`, { value: text, min: String(min), max: String(max) })
  }
  // Minus zero is no number of anything.
  return value === 0 ? 0 : value
}

const NANOSECONDS: Readonly<Record<string, number>> = {
  ns: 1, us: 1e3, 'µs': 1e3, 'μs': 1e3, ms: 1e6, s: 1e9, m: 60e9, h: 3_600e9,
}

/** time.ParseDuration, not below zero; nanoseconds. @throws NaruError `invalid-request` {value} */
export function parseGoDuration(text: string): number {
  const body = text.replace(/^\+/, '')
  if (body === '0') return 0
  const parts = [...body.matchAll(/(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g)]
  if (body === '' || parts.map(([whole]) => whole).join('') !== body) {
    throw refuseValue('duration', `not a duration such as 30s or 1m30s: "${text}"`, { value: text })
  }
  const total = parts.reduce((sum, [, number = '', unit = '']) => sum + Number(number) * (NANOSECONDS[unit] ?? 0), 0)
  if (total >= 2 ** 63) throw refuseValue('duration', `too long: "${text}"`, { value: text })
  return Math.round(total)
}

/** CPUs as billionths. Fractions and exponents are taken as docker does. @throws NaruError `invalid-request` {value} */
export function parseCpus(text: string): number {
  const match = /^\+?(\d+(?:\.\d*)?|\.\d+)(?:[eE]([+-]?\d+))?(?:\/(\d+))?$/.exec(text)
  const nano = match ? (Number(`${match[1]}e${match[2] ?? '0'}`) * 1e9) / Number(match[3] ?? '1') : Number.NaN
  const whole = Math.round(nano)
  if (!Number.isFinite(nano) || Math.abs(nano - whole) > 1e-4 || whole > Number.MAX_SAFE_INTEGER) {
    throw refuseValue('cpus', `not a number of CPUs such as 1.5: "${text}"`, { value: text })
  }
  return whole
}

/** `NAME=VALUE` at the first `=`; without one the value is empty. */
export function cutPair(text: string): readonly [name: string, value: string, found: boolean] {
  const at = text.indexOf('=')
  return at < 0 ? [text, '', false] : [text.slice(0, at), text.slice(at + 1), true]
}

/** One record of encoding/csv. @throws NaruError `invalid-request` {value} */
export function parseCsv(text: string): string[] {
  const fields: string[] = []
  let at = 0
  for (;;) {
    if (text[at] === '"') {
      let field = ''
      for (at++; ; at++) {
        if (at >= text.length) throw badCsv(text)
        if (text[at] !== '"') field += text[at]
        else if (text[at + 1] === '"') field += text[at++]
        else break
      }
      at++
      fields.push(field)
    } else {
      const comma = text.indexOf(',', at)
      const field = text.slice(at, comma < 0 ? text.length : comma)
      if (field.includes('"')) throw badCsv(text)
      fields.push(field)
      at += field.length
    }
    if (at >= text.length) return fields
    if (text[at] !== ',') throw badCsv(text)
    at++
  }
}

/** Fields as one record that parseCsv reads back. */
export function formatCsv(fields: readonly string[]): string {
  return fields.map((field) => (/[",\r\n]|^\s/.test(field) ? `"${field.replaceAll('"', '""')}"` : field)).join(',')
}

function badCsv(text: string): NaruError {
  return refuseValue('csv', `the quotes of this list do not match: ${text}`, { value: text })
}
