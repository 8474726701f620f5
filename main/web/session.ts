/** Who may use the web shell: a token that works once, exchanged for a cookie only this browser holds. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

/** Tokens that were given out and not used yet; the oldest goes when one more is asked for. */
const TOKEN_LIMIT = 8
export const COOKIE = 'naru'

const secret = (): string => randomBytes(32).toString('base64url')
const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
const same = (left: Buffer, right: Buffer): boolean => timingSafeEqual(left, right)

export interface Session {
  /**
   * Folder of this session's page, `/…/`, unguessable. Cookies know no ports: a container's page on 127.0.0.1 would be
   * sent one that holds for the whole host, so ours holds for this folder only.
   */
  readonly room: string
  /** A fresh token that can be exchanged once. */
  readonly issueToken: () => string
  /** True exactly once per token given out. */
  readonly redeem: (token: string) => boolean
  /** True when a `Cookie` header holds the session's cookie. */
  readonly holds: (cookieHeader: string | undefined) => boolean
  /** Value of `Set-Cookie` for a browser that redeemed a token. */
  readonly setCookie: () => string
}

/** A session that lives as long as the process. */
export function createSession(): Session {
  const cookie = secret()
  const room = `/${secret()}/`
  const expected = digest(cookie)
  const tokens: Buffer[] = []
  return {
    room,
    issueToken: () => {
      const token = secret()
      tokens.push(digest(token))
      if (tokens.length > TOKEN_LIMIT) tokens.shift()
      return token
    },
    redeem: (token) => {
      const given = digest(token)
      const at = tokens.findIndex((one) => same(one, given))
      if (at < 0) return false
      tokens.splice(at, 1)
      return true
    },
    holds: (header) => {
      const pairs = (header ?? '').slice(0, 8_192).split(';')
      return pairs.some((pair) => {
        const [name, value = ''] = pair.trim().split('=', 2)
        return name === COOKIE && same(digest(value), expected)
      })
    },
    setCookie: () => `${COOKIE}=${cookie}; HttpOnly; SameSite=Strict; Path=${room}`,
  }
}
