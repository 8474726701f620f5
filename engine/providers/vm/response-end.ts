/**
 * Finds where the answer to one HTTP/1.1 request ends, in whatever pieces it comes (RFC 9112, 6.3). Pure. What cannot be
 * understood has no end of its own: it then ends with its connection.
 */
import { chunkedBody, lengthBody, RequestError } from './request-body.ts'
import type { BodyReader } from './request-body.ts'

/** Longest head, bytes. */
const HEAD_MAX = 1 << 20
const EMPTY = Buffer.alloc(0)
const NO_BODY: BodyReader = { read: (_bytes, at) => at, done: () => true }
const ignore = (): void => undefined

/** `success`: it says that what was asked for was done. */
export interface ResponseEnd {
  /** True with the piece that its last byte is in. */
  readonly push: (chunk: Buffer) => boolean
  readonly success: () => boolean
}

function bodyOf(head: string, status: number): BodyReader | null {
  if (status === 204 || status === 304) return NO_BODY
  if (/\r?\ntransfer-encoding:[^\n]*\bchunked[ \t]*\r?\n/i.test(head)) return chunkedBody(ignore)
  const length = /\r?\ncontent-length:[ \t]*(\d{1,15})[ \t]*\r?\n/i.exec(head)?.[1]
  return length === undefined ? null : lengthBody(Number(length), ignore)
}

/** For the answer to a request other than HEAD. */
export function responseEnd(): ResponseEnd {
  let rest: Buffer = EMPTY
  let status = 0
  /** `null` while the head is read; `lost`: only the connection's end tells. */
  let body: BodyReader | 'lost' | null = null

  const readHead = (): boolean => {
    const end = rest.indexOf('\r\n\r\n')
    if (end < 0) {
      if (rest.length > HEAD_MAX) body = 'lost'
      return false
    }
    const head = rest.toString('latin1', 0, end + 2)
    rest = rest.subarray(end + 4)
    status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(head)?.[1] ?? Number.NaN)
    // "100 Continue" is no answer yet; after 101 it is no HTTP any more.
    if (status >= 100 && status < 200 && status !== 101) return true
    body = Number.isNaN(status) || status === 101 ? 'lost' : (bodyOf(head, status) ?? 'lost')
    return false
  }

  return {
    success: () => status >= 200 && status < 300,
    push: (chunk) => {
      if (body === 'lost') return false
      rest = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk
      while (body === null && readHead());
      if (body === null) return false
      const reader = body as BodyReader | 'lost'
      const bytes = rest
      rest = EMPTY
      if (reader === 'lost') return false
      try {
        reader.read(bytes, 0)
        return reader.done()
      } catch (error) {
        if (!(error instanceof RequestError)) throw error
        body = 'lost'
        return false
      }
    },
  }
}
