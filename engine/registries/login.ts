/** Logging in: the engine asks the registry whether user and secret are right; only what is right is kept. */
import { NaruError, isCancelled, toEnvelope } from '../contract/errors.ts'
import type { RegistryLogin } from '../contract/models.ts'
import type { EngineClient } from '../docker/engine-client.ts'
import { withLoopback } from '../images/loopback.ts'
import type { HostLoopback } from '../images/loopback.ts'
import { authConfig, scrub } from './credential.ts'
import type { Credential } from './credential.ts'
import { explainTrust } from './explain.ts'
import type { RegistryLogins } from './logins.ts'
import type { EngineFacts } from './trust.ts'

export interface LoginDeps {
  readonly client: Pick<EngineClient, 'checkLogin'>
  readonly hostLoopback?: HostLoopback
  readonly engine: EngineFacts
  readonly registries: Pick<RegistryLogins, 'keep' | 'credentialFor' | 'mayBeSent'>
}

/**
 * Checks a login and keeps it. When the registry gives an identity token, that is kept in place of the password.
 * @throws NaruError `unauthorized` {field: password}, `registry.unreachable`, `denied` as `mayBeSent`, hints `registry.helper-failed`…; never with the secret
 */
export async function logIn(deps: LoginDeps, credential: Credential, keep: boolean, signal: AbortSignal): Promise<RegistryLogin> {
  await deps.registries.mayBeSent(credential.registry, signal)
  const identityToken = await check(deps, credential, signal)
  const kept: Credential = identityToken ? { ...credential, secret: identityToken, kind: 'identity' } : credential
  try {
    return await deps.registries.keep(kept, keep, signal)
  } catch (error) {
    throw clean(error, credential.secret)
  }
}

/** Tries the login that is kept. @throws as logIn, and `not-found` when there is none */
export async function testLogin(deps: LoginDeps, registry: string, signal: AbortSignal): Promise<void> {
  const credential = await deps.registries.credentialFor(registry, signal)
  if (!credential) throw new NaruError('not-found', `no login for ${registry}`, { params: { name: registry } })
  await check(deps, credential, signal)
}

async function check({ client, hostLoopback, engine }: LoginDeps, credential: Credential, signal: AbortSignal): Promise<string> {
  const { registry, user, secret } = credential
  try {
    const answer = await withLoopback(hostLoopback, registry, signal, () => client.checkLogin(authConfig(credential), { signal }))
    return answer.identityToken
  } catch (error) {
    const told = clean(explainTrust(error, engine), secret)
    if (!(told instanceof NaruError) || told.code !== 'unauthorized') throw told
    throw new NaruError('unauthorized', told.message, {
      params: { registry, user, field: 'password' },
      hint: 'registry.wrong-password',
      ...(told.engineId && { engineId: told.engineId }),
      ...(told.detail && { detail: told.detail }),
    })
  }
}

/** Nobody is known to repeat a secret in an error, but an error is shown, kept and copied into reports. */
function clean(error: unknown, secret: string): unknown {
  if (isCancelled(error)) return error
  const { code, message, detail, params, hint, retryable, engineId } = toEnvelope(error)
  return new NaruError(code, scrub(message, secret), { params, hint, retryable, engineId, ...(detail && { detail: scrub(detail, secret) }) })
}
