/** What a registry's refusal means for who asked: whether anybody was logged in, and where to put what is missing. */
import { NaruError } from '../contract/errors.ts'
import type { ErrorParams } from '../contract/errors.ts'
import { DEFAULT_DOMAIN, formatReference, parseReference } from '../images/reference.ts'
import { trustPlace } from './trust.ts'
import type { EngineFacts } from './trust.ts'

export interface RegistryRequest {
  /** Reference that was pulled or pushed. */
  readonly reference: string
  /** Credentials went along. */
  readonly loggedIn: boolean
  /** Whose, when that is known. */
  readonly user?: string
  readonly push: boolean
  readonly engine: EngineFacts
}

/** The same error, with the hint and the params that say what to do; errors that are not a registry's pass. */
export function explainRegistryError(error: unknown, request: RegistryRequest): unknown {
  if (!(error instanceof NaruError)) return error
  if (error.code === 'registry.unreachable') return explainTrust(error, request.engine)
  const { domain, path } = parseReference(request.reference)
  const params = { registry: domain, reference: request.reference, ...(request.user && { user: request.user }) }
  if (error.code === 'image-not-found' && request.push) return same(error, { params, hint: 'registry.not-on-engine' })
  if (error.code !== 'unauthorized') return error
  if (request.push && domain === DEFAULT_DOMAIN && path.startsWith('library/')) {
    const suggestion = formatReference({ domain, path: `${request.user || 'you'}/${path.slice('library/'.length)}` })
    return same(error, { code: 'denied', params: { ...params, suggestion }, hint: 'registry.no-namespace' })
  }
  if (!request.loggedIn) return same(error, { params, hint: 'registry.login-needed' })
  // The Hub and others know the login, but it may not do this.
  if (/denied/i.test(error.detail ?? error.message)) return same(error, { code: 'denied', params, hint: 'registry.no-rights' })
  return request.user ? same(error, { params, hint: 'registry.login-refused' }) : same(error, { params })
}

/** Adds where the engine looks for certificates and exceptions. */
export function explainTrust(error: unknown, engine: EngineFacts): unknown {
  if (!(error instanceof NaruError) || !error.hint?.startsWith('registry.')) return error
  const registry = error.params?.['registry']
  if (typeof registry !== 'string') return error
  const { caPath, configPath } = trustPlace(engine, registry)
  if (error.hint === 'registry.unknown-ca') return same(error, { params: { ...error.params, path: caPath } })
  if (error.hint === 'registry.plain-http') return same(error, { params: { ...error.params, path: configPath } })
  return error
}

function same(error: NaruError, more: { code?: NaruError['code']; params?: ErrorParams; hint?: string }): NaruError {
  const { code, message, params, hint, retryable, engineId, detail } = error
  const now = { params, hint, retryable, engineId, detail, ...more }
  return new NaruError(more.code ?? code, message, { ...now, cause: error })
}
