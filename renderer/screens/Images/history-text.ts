/** An image's history as `docker history --no-trunc` prints it: columns with blanks between. Pure. */
import type { ImageHistoryItem } from '../../../engine/contract/models.ts'

const COLUMNS = ['IMAGE', 'CREATED', 'CREATED BY', 'SIZE', 'COMMENT'] as const

/** Sizes as docker writes them, by thousands. */
function size(bytes: number): string {
  if (bytes === 0) return '0B'
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  const step = Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3))
  const value = bytes / 1000 ** step
  return `${Number(value.toPrecision(3))}${units[step] ?? 'B'}`
}

export function historyText(items: readonly ImageHistoryItem[]): string {
  const rows = items.map(({ id, createdAt, createdBy, sizeBytes, comment }) => [
    id || '<missing>',
    createdAt > 0 ? new Date(createdAt).toISOString().replace('.000Z', 'Z') : 'N/A',
    createdBy.replace(/\s+/g, ' '),
    size(sizeBytes),
    comment,
  ])
  const widths = COLUMNS.map((name, at) => Math.max(name.length, ...rows.map((row) => row[at]?.length ?? 0)))
  return [COLUMNS, ...rows].map((row) => row.map((text, at) => text.padEnd(widths[at] ?? 0)).join('   ').trimEnd()).join('\n')
}
