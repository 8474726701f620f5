import type { ErrorEnvelope } from '../errors.ts'

/**
 * Where a login's secret is: in a credential helper of the docker CLI, sealed with the system's keychain, only in
 * Naru's memory (gone when Naru closes), or in the docker CLI's `config.json` (base64, which is no protection).
 */
export type CredentialPlace = 'helper' | 'keychain' | 'memory' | 'docker-config'

/** A host that a registry may have logins checked at, though it is not its own: the person said so. */
export interface RegistryRealm {
  /** `host[:port]` */
  readonly registry: string
  /** `host[:port]` */
  readonly realm: string
}

/** One login. Its secret never leaves the engine room. */
export interface RegistryLogin {
  /** `docker.io` or `host[:port]`. */
  readonly registry: string
  /** Empty when a token stands for the user. */
  readonly user: string
  readonly place: CredentialPlace
  /** Name of the helper's program, when one keeps it. */
  readonly helper?: string
  /** When Naru logged in; absent for logins made elsewhere. */
  readonly since?: number
}

export interface RegistryList {
  /** The Hub first, then by name. One for each registry: the one that is used. */
  readonly logins: readonly RegistryLogin[]
  /** Where a new login goes. Registries in `helpers` have their own place. */
  readonly place: Exclude<CredentialPlace, 'docker-config'>
  /** Program of the helper a new login goes to, when `place` is `helper`. */
  readonly helper?: string
  /** Registries with a helper of their own. */
  readonly helpers: readonly { readonly registry: string; readonly helper: string }[]
  /** Helpers that could not be asked. */
  readonly problems: readonly ErrorEnvelope[]
  /** Where the engine that was named looks for private certificates and for registries without TLS; absent when it is away. */
  readonly trust?: { readonly caPath: string; readonly configPath: string }
  /** The docker CLI's settings file. */
  readonly configPath: string
}
