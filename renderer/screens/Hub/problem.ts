/** Why the Hub gives nothing, as far as the error tells. Pure. */
import type { ErrorEnvelope } from '../../../engine/contract/errors.ts'

/**
 * `offline` = this machine has no way out; `unreachable` = the Hub does not answer; `slow` = it did not answer in time;
 * `proxy` = somebody else answers in its place; `broken` = it answers, but with an error or with nonsense.
 */
export type HubProblemKind = 'offline' | 'unreachable' | 'slow' | 'proxy' | 'broken' | 'limited' | 'refused' | 'other'

const NO_WAY_OUT = /\b(?:ENOTFOUND|EAI_AGAIN|ENETUNREACH|ENETDOWN|EHOSTUNREACH)\b|network is unreachable/i
const FOREIGN_CERTIFICATE = /certificate|self[- ]signed|CERT_|UNABLE_TO_VERIFY|ERR_TLS/i
const PROXY_HINTS: ReadonlySet<string> = new Set(['hub.redirected', 'hub.not-json'])
const BROKEN_HINTS: ReadonlySet<string> = new Set(['hub.status', 'hub.shape', 'hub.too-long'])

/** @param online what the browser says (`navigator.onLine`); false is certain, true means little */
export function hubProblem(error: ErrorEnvelope, online: boolean): HubProblemKind {
  const { code, hint = '', detail = '', message } = error
  if (code === 'rate-limited') return 'limited'
  if (code === 'unauthorized' || code === 'denied') return 'refused'
  if (code === 'timeout') return 'slow'
  if (code !== 'registry.unreachable') return 'other'
  if (!online) return 'offline'
  // A page instead of data is a proxy's or a login page; a 407 says so itself.
  if (PROXY_HINTS.has(hint) || /^HTTP (?:407|511)\b/.test(detail) || FOREIGN_CERTIFICATE.test(detail)) return 'proxy'
  if (BROKEN_HINTS.has(hint)) return 'broken'
  if (NO_WAY_OUT.test(`${detail} ${message}`)) return 'offline'
  return hint === 'hub.timeout' ? 'slow' : 'unreachable'
}

/** When the limit ends, milliseconds since 1970; null when the Hub did not say. */
export function limitEnds(error: ErrorEnvelope): number | null {
  const at = error.params?.resetAt
  return typeof at === 'number' && Number.isFinite(at) ? at : null
}

/** Milliseconds to wait in words of minutes and seconds; never below zero. */
export function waitLeft(until: number, now: number): number {
  return Math.max(0, Math.ceil((until - now) / 1_000) * 1_000)
}
