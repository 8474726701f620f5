/** Bytes of a program's output, however cut, into lines; what a progress bar wrote over is left out. */
import { StringDecoder } from 'node:string_decoder'

/** Longest line kept, characters; the rest of it is cut off. */
export const MAX_LINE = 8_192

export interface LineSplitter {
  readonly push: (chunk: Uint8Array | string) => readonly string[]
  /** The last line, when it had no newline. */
  readonly end: () => readonly string[]
}

export function createLineSplitter(): LineSplitter {
  const decoder = new StringDecoder('utf8')
  let held = ''
  const take = (text: string): string[] => {
    const lines = (held + text).split('\n')
    held = lines.pop() ?? ''
    // A carriage return begins the line anew: only what is written last is to be seen, so not more is held.
    if (held.length > MAX_LINE) held = shown(held)
    return lines.map(shown)
  }
  return {
    push: (chunk) => take(typeof chunk === 'string' ? chunk : decoder.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length))),
    end: () => {
      const last = shown(held + decoder.end())
      held = ''
      return last === '' ? [] : [last]
    },
  }
}

function shown(line: string): string {
  const text = line.replace(/\r+$/, '')
  return text.slice(text.lastIndexOf('\r') + 1).slice(0, MAX_LINE)
}
