/** Numbers, sizes and times as a person reads them. Sizes are docker's own format in every language. */
import { computed, onScopeDispose, ref } from 'vue'
import type { Ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { formatBytes, formatMemory } from '../../engine/contract/units.ts'
import { i18n } from './index.ts'

const SECOND = 1_000
const UNITS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['year', 365 * 86_400_000],
  ['month', 30 * 86_400_000],
  ['week', 7 * 86_400_000],
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', SECOND],
]

/** The largest unit that fits `ms`, and how often; seconds for less. */
export function largestUnit(ms: number): readonly [Intl.RelativeTimeFormatUnit, number] {
  const size = Math.abs(ms)
  const [unit, length] = UNITS.find(([, each]) => size >= each) ?? ['second', SECOND]
  return [unit, Math.trunc(ms / length)]
}

/** How long something took: `12 ms`, `0.4 s`, `12 s`, `3 min 5 s`, `2 h 10 min`, in the catalogue's units. */
export function formatTook(ms: number): string {
  const of = (value: number | string, unit: 'millisecond' | 'second' | 'minute' | 'hour'): string => i18n.global.t(`common.${unit}`, { value })
  // Nothing takes no time at all.
  if (ms > 0 && ms < 50) return of(Math.ceil(ms), 'millisecond')
  if (ms < 10_000) return of((Math.max(0, ms) / 1_000).toFixed(1), 'second')
  const seconds = Math.round(ms / 1_000)
  if (seconds < 60) return of(seconds, 'second')
  const minutes = Math.trunc(seconds / 60)
  const both = (whole: string, rest: number, unit: 'second' | 'minute'): string => (rest === 0 ? whole : `${whole} ${of(rest, unit)}`)
  return minutes < 60 ? both(of(minutes, 'minute'), seconds % 60, 'second') : both(of(Math.trunc(minutes / 60), 'hour'), minutes % 60, 'minute')
}

/** `sha256:abc…` or a bare id as its first 12 digits. */
export const shortId = (id: string): string => id.replace(/^sha256:/, '').slice(0, 12)

const now = ref(Date.now())
let watchers = 0
let clock: ReturnType<typeof setInterval> | undefined

/** The present time, refreshed every 5 s while somebody looks. */
export function useNow(): Ref<number> {
  watchers += 1
  if (watchers === 1) {
    now.value = Date.now()
    clock = setInterval(() => document.visibilityState === 'visible' && (now.value = Date.now()), 5_000)
  }
  onScopeDispose(() => {
    watchers -= 1
    if (watchers === 0) clearInterval(clock)
  })
  return now
}

const unitFormats = new Map<string, Intl.NumberFormat>()

/** Made once for each language and unit: to make one costs more than to use it a hundred times, and every row uses one. */
function unitFormat(locale: string, unit: string): Intl.NumberFormat {
  const key = `${locale} ${unit}`
  let format = unitFormats.get(key)
  if (!format) unitFormats.set(key, (format = new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'long' })))
  return format
}

export interface Format {
  bytes(bytes: number): string
  /** Binary units, as `docker stats` prints memory. */
  memory(bytes: number): string
  number(value: number): string
  percent(value: number): string
  /** "3 hours ago"; follows the clock. */
  ago(at: number): string
  /** "2 hours": how long since `at`; follows the clock. */
  since(at: number): string
  dateTime(at: number): string
  /** 12:04:31 */
  time(at: number): string
  took(ms: number): string
  shortId(id: string): string
}

/** Formatters in the present language. Call it in `setup`. */
export function useFormat(): Format {
  const { locale } = useI18n()
  const clockNow = useNow()
  const tools = computed(() => ({
    number: new Intl.NumberFormat(locale.value),
    relative: new Intl.RelativeTimeFormat(locale.value, { numeric: 'always' }),
    /** Says “now” for zero. */
    now: new Intl.RelativeTimeFormat(locale.value, { numeric: 'auto' }),
    date: new Intl.DateTimeFormat(locale.value, { dateStyle: 'medium', timeStyle: 'medium' }),
    time: new Intl.DateTimeFormat(locale.value, { timeStyle: 'medium', hourCycle: 'h23' }),
  }))
  const long = (unit: Intl.RelativeTimeFormatUnit, value: number): string =>
    unitFormat(locale.value, unit).format(value)
  return {
    bytes: (bytes) => formatBytes(Math.max(0, bytes), 3),
    memory: (bytes) => formatMemory(Math.max(0, bytes)),
    number: (value) => tools.value.number.format(value),
    percent: (value) => `${value.toFixed(1)} %`,
    ago: (at) => {
      const [unit, value] = largestUnit(Math.min(0, at - clockNow.value))
      return (value === 0 ? tools.value.now : tools.value.relative).format(value, unit)
    },
    since: (at) => long(...largestUnit(Math.max(0, clockNow.value - at))),
    dateTime: (at) => tools.value.date.format(at),
    time: (at) => tools.value.time.format(at),
    took: formatTook,
    shortId,
  }
}
