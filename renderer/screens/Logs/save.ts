/** Saves and copies what a log view holds. */
import { saveStream } from '../../components/save-file.ts'
import type { LogContainerName } from '../../../engine/contract/models.ts'
import type { LogRows } from '../../stores/logs.ts'

/** As printed, with the time before each line, or as JSON lines. */
export type SaveAs = 'text' | 'times' | 'json'

/** Copying more than this into the clipboard freezes the desktop; saving has no limit. */
export const COPY_LIMIT_BYTES = 20_000_000

/** File name for a saved log: container, date and time. */
export function logFileName(name: string, at: Date, ending: 'log' | 'jsonl' = 'log'): string {
  const safe = name.replace(/[^\w.-]+/g, '-').slice(0, 80).replace(/^-+|-+$/g, '') || 'container'
  return `${safe}-${at.toISOString().slice(0, 19).replace(/[:T]/g, '-')}.${ending}`
}

/** Streams the view into a file of the browser's own saving. @param progress told the bytes so far. */
export async function saveLog(
  view: LogRows,
  options: { readonly name: string; readonly as: SaveAs; readonly containers: readonly LogContainerName[] },
  signal: AbortSignal,
  progress: (bytes: number) => void,
): Promise<void> {
  const { name, as, containers } = options
  const json = as === 'json'
  const lines = view.export({ timestamps: as === 'times', stripAnsi: false, ...(json && { json: containers }) }, signal)
  const file = { name: logFileName(name, new Date(), json ? 'jsonl' : 'log'), type: json ? 'application/jsonl' : 'text/plain' }
  await saveStream(lines, file, progress)
}

/** Everything the view holds as text without colours, or null when it is too much for a clipboard. */
export async function logText(view: LogRows, signal: AbortSignal): Promise<string | null> {
  const decoder = new TextDecoder()
  let text = ''
  let bytes = 0
  for await (const chunk of view.export({ timestamps: false, stripAnsi: true }, signal)) {
    bytes += chunk.byteLength
    if (bytes > COPY_LIMIT_BYTES) return null
    text += decoder.decode(chunk, { stream: true })
  }
  return text + decoder.decode()
}
