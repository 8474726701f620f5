/** Who is logged in to which registry, whoever keeps it; and the credentials that go along with pulls, pushes and builds. */
import { NaruError, isCancelled, toEnvelope } from '../contract/errors.ts'
import type { ErrorEnvelope } from '../contract/errors.ts'
import type { CredentialPlace, RegistryList, RegistryLogin } from '../contract/models.ts'
import { DEFAULT_DOMAIN, parseReference } from '../images/reference.ts'
import type { Environment } from '../providers/docker-config.ts'
import { encodeAuth, encodeRegistryConfig } from './credential.ts'
import type { Credential } from './credential.ts'
import { eraseFromDockerConfig, readDockerLogins } from './docker-config.ts'
import type { DockerLogins } from './docker-config.ts'
import { createHelper } from './helper.ts'
import type { CredentialHelper } from './helper.ts'
import type { RealmGuard } from './realm-guard.ts'
import type { Vault } from './vault.ts'

export interface RegistryLogins {
  /**
   * Value of `X-Registry-Auth` for what a reference points at; undefined when nobody is logged in there or the keeper
   * does not answer (the log says why): the registry's own answer then decides.
   * @throws NaruError what {@link RealmGuard} throws
   */
  readonly authFor: (reference: string, signal: AbortSignal) => Promise<string | undefined>
  /** Value of `X-Registry-Config`: every login that may be sent, for builds; undefined when there is none. */
  readonly registryConfig: (signal: AbortSignal) => Promise<string | undefined>
  /** The login used for a registry, which is about to be sent. @throws NaruError when its keeper fails, and as `mayBeSent` */
  readonly credentialFor: (registry: string, signal: AbortSignal) => Promise<Credential | undefined>
  /** Throws where a registry would have a login sent to a place that is not its own. */
  readonly mayBeSent: RealmGuard
  readonly list: (signal: AbortSignal) => Promise<Omit<RegistryList, 'trust'>>
  /** Keeps a login that was found right: in the helper the docker CLI uses, the keychain, or memory (`keep: false`). */
  readonly keep: (credential: Credential, keep: boolean, signal: AbortSignal) => Promise<RegistryLogin>
  /** Erases a login where it is kept. @throws NaruError `not-found`, hint `registry.helper-failed`, `denied` */
  readonly erase: (registry: string, place: CredentialPlace, signal: AbortSignal) => Promise<void>
}

export interface LoginsOptions {
  readonly vault: Vault
  readonly env: Environment
  readonly home: string
  readonly log: (line: string) => void
  readonly guard: RealmGuard
  /** Told of every secret that is read to be used: a registry may repeat it in its answer. */
  readonly onSecret?: (secret: string) => void
}

/** Credentials sent along with one build. */
const MOST_SENT = 50

export function createRegistryLogins({ vault, env, home, log, guard, onSecret = () => undefined }: LoginsOptions): RegistryLogins {
  const config = (): Promise<DockerLogins> => readDockerLogins(env, home)
  const helperOf = (docker: DockerLogins, registry: string): CredentialHelper | undefined => {
    const name = docker.credHelpers[registry] ?? docker.credsStore
    return name === undefined ? undefined : createHelper(name, env)
  }

  async function read(registry: string, signal: AbortSignal): Promise<Credential | undefined> {
    const own = await vault.get(registry)
    if (own) return own
    const docker = await config()
    const kept = await helperOf(docker, registry)?.get(registry, signal)
    return kept ?? docker.credentials.find((one) => one.registry === registry)
  }

  async function find(registry: string, signal: AbortSignal): Promise<Credential | undefined> {
    const found = await read(registry, signal)
    if (found) onSecret(found.secret)
    return found
  }

  async function tolerant(registry: string, signal: AbortSignal): Promise<Credential | undefined> {
    try {
      return await find(registry, signal)
    } catch (error) {
      if (isCancelled(error) || signal.aborted) throw error
      log(`the login for ${registry} cannot be read: ${toEnvelope(error).message}`)
      return undefined
    }
  }

  async function allowed(registry: string, signal: AbortSignal): Promise<boolean> {
    try {
      await guard(registry, signal)
      return true
    } catch (error) {
      if (isCancelled(error) || signal.aborted) throw error
      log(`the login for ${registry} is not sent along: ${toEnvelope(error).message}`)
      return false
    }
  }

  /** Every login by registry, the one that is used; and the helpers that failed. */
  async function gather(signal: AbortSignal): Promise<{ docker: DockerLogins; logins: RegistryLogin[]; problems: ErrorEnvelope[] }> {
    const docker = await config()
    const problems: ErrorEnvelope[] = []
    const names = [...new Set([docker.credsStore, ...Object.values(docker.credHelpers)].filter((name) => name !== undefined))]
    const listed = await Promise.all(
      names.map(async (name) => {
        try {
          const found = await createHelper(name, env).list(signal)
          // A helper speaks only for the registries it is configured for.
          return found.filter(({ registry }) => (docker.credHelpers[registry] ?? docker.credsStore) === name).map((one) => ({ ...one, helper: name }))
        } catch (error) {
          if (signal.aborted) throw error
          problems.push(toEnvelope(error))
          return []
        }
      }),
    )
    const own = vault.logins()
    const byRegistry = new Map<string, RegistryLogin>()
    const add = (login: RegistryLogin): void => {
      if (!byRegistry.has(login.registry)) byRegistry.set(login.registry, login)
    }
    own.filter(({ place }) => place !== 'helper').forEach(add)
    for (const { registry, user, helper } of listed.flat()) {
      const since = own.find((login) => login.registry === registry && login.helper === helper && login.user === user)?.since
      add({ registry, user, place: 'helper', helper, ...(since !== undefined && { since }) })
    }
    for (const { registry, user } of docker.credentials) add({ registry, user, place: 'docker-config' })
    return { docker, logins: [...byRegistry.values()].sort(hubFirst), problems }
  }

  return {
    mayBeSent: guard,
    async credentialFor(registry, signal) {
      const credential = await find(registry, signal)
      if (credential) await guard(registry, signal)
      return credential
    },
    async authFor(reference, signal) {
      const credential = await tolerant(registryOf(reference), signal)
      if (credential) await guard(credential.registry, signal)
      return credential && encodeAuth(credential)
    },
    async registryConfig(signal) {
      const { logins } = await gather(signal)
      const sent = async (registry: string): Promise<Credential | undefined> => {
        const credential = await tolerant(registry, signal)
        // The build may need another registry only: this login stays here.
        return credential && (await allowed(registry, signal)) ? credential : undefined
      }
      const credentials = await Promise.all(logins.slice(0, MOST_SENT).map(({ registry }) => sent(registry)))
      const found = credentials.filter((one) => one !== undefined)
      return found.length > 0 ? encodeRegistryConfig(found) : undefined
    },
    async list(signal) {
      const { docker, logins, problems } = await gather(signal)
      const helper = docker.credsStore
      return {
        logins,
        place: helper === undefined ? await vault.place() : 'helper',
        ...(helper !== undefined && { helper }),
        helpers: Object.entries(docker.credHelpers).map(([registry, name]) => ({ registry, helper: name })),
        problems,
        configPath: docker.path,
      }
    },
    async keep(credential, keep, signal) {
      const helper = keep ? helperOf(await config(), credential.registry) : undefined
      if (!helper) return vault.put(credential, keep)
      await helper.store(credential, signal)
      // An older login of Naru's own would go on being used.
      await vault.erase(credential.registry)
      const login = { registry: credential.registry, user: credential.user, place: 'helper', helper: helper.name, since: Date.now() } as const
      await vault.note(login)
      return login
    },
    async erase(registry, place, signal) {
      const docker = await config()
      if (place === 'docker-config') return eraseFromDockerConfig(docker.path, registry)
      if (place === 'helper') {
        const helper = helperOf(docker, registry)
        if (!helper) throw new NaruError('not-found', `no helper keeps ${registry}`, { params: { name: registry } })
        await helper.erase(registry, signal)
      }
      const had = await vault.erase(registry)
      if (!had && place !== 'helper') throw new NaruError('not-found', `no login for ${registry}`, { params: { name: registry } })
    },
  }
}

/** `docker.io` for what is no reference: asking for it is somebody else's mistake to tell. */
function registryOf(reference: string): string {
  try {
    return parseReference(reference).domain.toLowerCase()
  } catch {
    return DEFAULT_DOMAIN
  }
}

function hubFirst(a: RegistryLogin, b: RegistryLogin): number {
  const rank = (login: RegistryLogin): number => (login.registry === DEFAULT_DOMAIN ? 0 : 1)
  return rank(a) - rank(b) || (a.registry < b.registry ? -1 : 1)
}
