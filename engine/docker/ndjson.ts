/** Newline-delimited JSON, as the engine's event, progress and stats streams send it. */
import { NaruError } from '../contract/errors.ts'

/** Longest message, bytes. Real ones stay below a few kB; a longer one means the stream is not what it claims to be. */
export const MAX_MESSAGE_BYTES = 8 * 1024 * 1024

const NEWLINE = 10

/**
 * Messages of a byte stream, one per line, however the bytes were cut into chunks. Empty lines are skipped; a last
 * line without a newline counts. Pulls from `source` only when asked for the next message.
 * @throws NaruError `engine.not-an-engine` for a line that is not JSON or longer than `maxBytes`.
 */
export async function* readMessages(
  source: AsyncIterable<Uint8Array>,
  maxBytes: number = MAX_MESSAGE_BYTES,
): AsyncGenerator<unknown, void, undefined> {
  let pieces: Uint8Array[] = []
  let held = 0
  const take = (last: Uint8Array): string => {
    const text = (pieces.length === 0 ? Buffer.from(last.buffer, last.byteOffset, last.length) : Buffer.concat([...pieces, last])).toString('utf8')
    pieces = []
    held = 0
    return text
  }
  for await (const chunk of source) {
    let start = 0
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      if (held + end - start > maxBytes) throw tooLong(maxBytes)
      const text = take(chunk.subarray(start, end))
      start = end + 1
      if (text.trim() !== '') yield parse(text)
    }
    const rest = chunk.subarray(start)
    held += rest.length
    if (held > maxBytes) throw tooLong(maxBytes)
    if (rest.length > 0) pieces.push(rest)
  }
  const text = take(new Uint8Array(0))
  if (text.trim() !== '') yield parse(text)
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    throw new NaruError('engine.not-an-engine', 'a message of the stream is not JSON', { detail: text.slice(0, 500) })
  }
}

function tooLong(maxBytes: number): NaruError {
  return new NaruError('engine.not-an-engine', `a message of the stream is longer than ${maxBytes} bytes`)
}
