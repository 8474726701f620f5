/** Where the body of an HTTP/1.1 request ends (RFC 9112, 6 and 7.1). Pure. */

/** What cannot be a request: nothing after it can be understood. */
export class RequestError extends Error {}

export interface BodyReader {
  /** Reads from `at` on; where it stopped. `done` tells whether that is behind the body. */
  readonly read: (bytes: Buffer, at: number) => number
  readonly done: () => boolean
}

/** Longest line of a chunk's size or of a trailer, bytes. */
const LINE_MAX = 8_192

/** `content`: called with each piece of what the body says. */
export type OnContent = (piece: Buffer) => void

export function lengthBody(length: number, content: OnContent): BodyReader {
  let left = length
  return {
    done: () => left === 0,
    read: (bytes, at) => {
      const end = Math.min(bytes.length, at + left)
      if (end > at) content(bytes.subarray(at, end))
      left -= end - at
      return end
    },
  }
}

/** @throws RequestError (in `read`) for what are no chunks */
export function chunkedBody(content: OnContent): BodyReader {
  let state: 'size' | 'data' | 'behind-data' | 'trailer' | 'done' = 'size'
  let left = 0
  let line = ''

  const endOfLine = (): void => {
    const text = line.replace(/\r$/, '')
    line = ''
    if (state === 'size') {
      const size = /^([0-9a-f]{1,12})[ \t]*(?:;|$)/i.exec(text)?.[1]
      if (size === undefined) throw new RequestError('not the size of a chunk')
      left = Number.parseInt(size, 16)
      state = left === 0 ? 'trailer' : 'data'
    } else if (state === 'behind-data') {
      if (text !== '') throw new RequestError('a chunk is longer than it says')
      state = 'size'
    } else if (text === '') state = 'done'
  }

  return {
    done: () => state === 'done',
    read: (bytes, from) => {
      let at = from
      while (at < bytes.length && state !== 'done') {
        if (state === 'data') {
          const end = Math.min(bytes.length, at + left)
          content(bytes.subarray(at, end))
          left -= end - at
          at = end
          if (left === 0) state = 'behind-data'
          continue
        }
        const newline = bytes.indexOf(0x0a, at)
        const end = newline < 0 ? bytes.length : newline
        line += bytes.toString('latin1', at, end)
        if (line.length > LINE_MAX) throw new RequestError('a line is too long')
        at = newline < 0 ? end : end + 1
        if (newline >= 0) endOfLine()
      }
      return at
    },
  }
}
