/** Saves a build's log as the engine room keeps it (at most 32 MiB). */
import type { BuildLogWindow } from '../../../../engine/contract/models.ts'
import { logFileName } from '../../Logs/save.ts'

/** The most one answer holds. */
const LINES = 1_000

/** Every line of a log, with its colours, one blob per answer. Throws what `fetch` throws. */
export async function logBlob(fetch: (from: number, count: number) => Promise<BuildLogWindow>): Promise<Blob> {
  const parts: Blob[] = []
  let from = 0
  for (;;) {
    const { lines, total } = await fetch(from, LINES)
    if (lines.length > 0) parts.push(new Blob([lines.map((line) => `${line.text}\n`).join('')]))
    from += lines.length
    if (lines.length === 0 || from >= total) return new Blob(parts, { type: 'text/plain' })
  }
}

export function saveBlob(blob: Blob, name: string): void {
  const address = URL.createObjectURL(blob)
  const link = document.createElement('a')
  link.href = address
  link.download = logFileName(name, new Date())
  link.click()
  setTimeout(() => URL.revokeObjectURL(address), 60_000)
}
