/** Bars of a log's histogram as paths, and from places on them to times. Pure. */
import type { LogHistogram, LogLevel } from '../../../engine/contract/models.ts'
import { LOG_LEVELS } from '../../../engine/logs/level.ts'

const LEVELS = LOG_LEVELS.length
/** What a bar is made of, from its foot: the serious stands on the ground, so that it can be compared. */
export const BANDS = ['bad', 'warn', 'info', 'rest'] as const
export type Band = (typeof BANDS)[number]
const BAND_OF: Readonly<Record<LogLevel, Band>> = { fatal: 'bad', error: 'bad', warn: 'warn', info: 'info', debug: 'rest', trace: 'rest', unknown: 'rest' }
const BAND_AT: readonly Band[] = LOG_LEVELS.map((level) => BAND_OF[level])

/** Height of the drawing, units; its width is one unit a bar. */
export const HEIGHT = 100
/** A few errors among thousands of lines must still be seen, units. */
const LEAST = 6
/** Share of a bar's width that is drawn. */
const INK = 0.8

export const barCount = ({ counts }: LogHistogram): number => counts.length / LEVELS

/** Counts of one bar by band, and in all. */
export function barAt({ counts }: LogHistogram, bar: number): Readonly<Record<Band | 'all', number>> {
  const found = { bad: 0, warn: 0, info: 0, rest: 0, all: 0 }
  for (let level = 0; level < LEVELS; level += 1) {
    const count = counts[bar * LEVELS + level] ?? 0
    found[BAND_AT[level] ?? 'rest'] += count
    found.all += count
  }
  return found
}

/** One path for each band: a handful of nodes whatever the log. */
export function barPaths(histogram: LogHistogram): Readonly<Record<Band, string>> {
  const bars = Array.from({ length: barCount(histogram) }, (_, bar) => barAt(histogram, bar))
  const most = bars.reduce((high, { all }) => Math.max(high, all), 1)
  const paths = { bad: '', warn: '', info: '', rest: '' }
  bars.forEach((bar, at) => {
    let foot = HEIGHT
    for (const band of BANDS) {
      if (bar[band] === 0) continue
      const height = Math.min(foot, Math.max(LEAST, (bar[band] / most) * HEIGHT))
      foot -= height
      paths[band] += `M${at + (1 - INK) / 2} ${foot.toFixed(1)}h${INK}v${height.toFixed(1)}h-${INK}z`
    }
  })
  return paths
}

/** The bar a moment is in; may be outside of what is shown. */
export const barOf = ({ start, width }: LogHistogram, time: number): number => Math.floor((time - start) / width)

/** Bars `[from, to]`, either way round, as a range of time. */
export function rangeOf({ start, width }: LogHistogram, from: number, to: number): { readonly since: number; readonly until: number } {
  return { since: start + Math.min(from, to) * width, until: start + (Math.max(from, to) + 1) * width }
}

/** A range of time as shares of what is shown, 0…1, for placing a band over it; null when it is out of sight. */
export function bandOf(histogram: LogHistogram, since: number | null, until: number | null): { readonly left: number; readonly right: number } | null {
  const span = barCount(histogram) * histogram.width
  if (span === 0) return null
  const share = (time: number): number => Math.min(1, Math.max(0, (time - histogram.start) / span))
  const [left, right] = [since === null ? 0 : share(since), until === null ? 1 : share(until)]
  return right > left ? { left, right } : null
}

/** What is shown around a chosen range: half as much again on each side, as far as there is anything. */
export function zoomOf(since: number | null, until: number | null): { readonly since: number | null; readonly until: number | null } {
  if (since === null || until === null) return { since: null, until: null }
  const around = Math.round((until - since) / 2)
  return { since: since - around, until: until + around }
}
