/** A credential in the forms the engine takes it. Nothing here is ever logged or sent over the link. */
import { serverAddress } from './address.ts'

export interface Credential {
  /** `docker.io` or `host[:port]`. */
  readonly registry: string
  readonly user: string
  /** Password or access token; with `kind: identity` a token of the registry's own that stands for both. */
  readonly secret: string
  readonly kind: 'password' | 'identity'
}

/** The engine API's AuthConfig. */
export interface AuthConfig {
  readonly username?: string
  readonly password?: string
  readonly identitytoken?: string
  readonly serveraddress: string
}

export function authConfig({ registry, user, secret, kind }: Credential): AuthConfig {
  const serveraddress = serverAddress(registry)
  return kind === 'identity' ? { identitytoken: secret, serveraddress } : { username: user, password: secret, serveraddress }
}

/** base64url with padding, as Go's `base64.URLEncoding` insists on. */
function base64url(value: unknown): string {
  return Buffer.from(JSON.stringify(value), 'utf8').toString('base64').replaceAll('+', '-').replaceAll('/', '_')
}

/** Value of `X-Registry-Auth`. */
export function encodeAuth(credential: Credential): string {
  return base64url(authConfig(credential))
}

/** Value of `X-Registry-Config`: every registry a build may pull from. */
export function encodeRegistryConfig(credentials: readonly Credential[]): string {
  return base64url(Object.fromEntries(credentials.map((one) => [serverAddress(one.registry), authConfig(one)])))
}

/** A text of somebody else's without the secret in it, plain or in base64; very short secrets would blot out everything. */
export function scrub(text: string, secret: string): string {
  if (secret.length < 3) return text
  const forms = [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret), Buffer.from(secret).toString('base64').replace(/=+$/, '')]
  return forms.reduce((rest, form) => rest.replaceAll(form, '•••'), text)
}
