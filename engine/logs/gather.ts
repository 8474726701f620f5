/** Lines from anywhere in a store, one after another. */
import type { LogWindow } from '../contract/models.ts'
import { lineStart } from './chunk.ts'
import type { Chunk } from './chunk.ts'
import { WINDOW_BYTES } from './store.ts'
import type { LogStore } from './store.ts'

/**
 * The lines with these numbers, ascending, up to WINDOW_BYTES of text; ends where one is no longer held. `from` is the
 * number of the first as a row, `marks` are flags added to each.
 */
export function gatherLines(store: LogStore, from: number, numbers: Uint32Array, marks: Uint8Array): LogWindow {
  const most = numbers.length
  const parts: Uint8Array[] = []
  const into = { ends: new Uint32Array(most), times: new Float64Array(most), flags: new Uint8Array(most), sources: new Uint8Array(most) }
  let bytes = 0
  let done = 0
  let chunk: Chunk | null = null
  for (; done < most; done++) {
    const line = numbers[done] as number
    if (!chunk || line >= chunk.first + chunk.count) chunk = store.chunkAt(line)
    if (!chunk) break
    const index = line - chunk.first
    const text = chunk.text.slice(lineStart(chunk, index), (chunk.ends[index] as number) - 1)
    if (done > 0 && bytes + text.length > WINDOW_BYTES) break
    parts.push(text)
    bytes += text.length
    into.ends[done] = bytes
    into.times[done] = chunk.times[index] as number
    into.flags[done] = (chunk.flags[index] as number) | (marks[done] as number)
    into.sources[done] = chunk.sources[index] as number
  }
  return {
    from,
    text: new Uint8Array(Buffer.concat(parts)),
    ends: into.ends.subarray(0, done),
    times: into.times.subarray(0, done),
    flags: into.flags.subarray(0, done),
    lines: numbers.subarray(0, done),
    ...(store.manySources && { sources: into.sources.subarray(0, done) }),
  }
}
