/** Cells of the process table: how they are shown and which comes first. */
import type { ProcessColumn } from '../../../../engine/contract/models.ts'
import type { Format } from '../../../i18n/format.ts'

export interface ProcessRow {
  readonly key: string
  readonly cells: readonly string[]
}

/** Memory as a size, processor share as a percentage; everything else in the engine's own words. */
export function shownCell(kind: ProcessColumn, text: string, format: Pick<Format, 'bytes' | 'percent'>): string {
  const value = Number(text)
  if (text === '' || !Number.isFinite(value)) return text
  if (kind === 'memory') return format.bytes(value * 1024)
  return kind === 'cpu' ? format.percent(value) : text
}

/** Numbers by their value, the rest as texts. */
export function compareCells(a: string, b: string): number {
  const [x, y] = [Number(a), Number(b)]
  return Number.isFinite(x) && Number.isFinite(y) ? x - y : a.localeCompare(b)
}
