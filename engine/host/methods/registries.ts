import { NaruError, fromEnvelope } from '../../contract/errors.ts'
import type { RegistryLogin } from '../../contract/models.ts'
import type { RegistryMethods } from '../../contract/parts/registries.ts'
import type { MethodHandlers } from '../../link/handlers.ts'
import { parseRegistry } from '../../registries/address.ts'
import { testLogin } from '../../registries/login.ts'
import { trustPlace } from '../../registries/trust.ts'
import type { TrustPlace } from '../../registries/trust.ts'
import { engineFacts, pullDeps } from '../pull-deps.ts'
import type { Services } from '../services.ts'

export function registryMethods(services: Services): Pick<MethodHandlers, keyof RegistryMethods> {
  const { registries, tickets, operations } = services
  return {
    async 'registries.list'({ engineId }, { signal }) {
      const trust = trustOf(services, engineId)
      return { ...(await registries.list(signal)), ...(trust && { trust }) }
    },
    async 'registries.login'({ engineId, registry, user, secret, keep }, { signal }) {
      const arg = { engineId, registry: parseRegistry(registry), user, keep, ticket: tickets.hold(secret) }
      const id = operations.start('registries.login', arg)
      const cancel = (): void => operations.cancel(id)
      signal.addEventListener('abort', cancel, { once: true })
      try {
        const { status, result, error } = await operations.settled(id)
        if (status === 'succeeded') return result as RegistryLogin
        throw error ? fromEnvelope(error) : new NaruError('cancelled', 'cancelled')
      } finally {
        signal.removeEventListener('abort', cancel)
      }
    },
    async 'registries.logout'({ registry, place }, { signal }) {
      await registries.erase(registry, place, signal)
      return {}
    },
    async 'registries.test'({ engineId, registry }, { signal }) {
      const { client, hostLoopback } = pullDeps(services, engineId)
      await testLogin({ client, registries, engine: engineFacts(services, engineId), ...(hostLoopback && { hostLoopback }) }, registry, signal)
      return {}
    },
  }
}

/** Stands for the registry in a path. */
const ANY_REGISTRY = 'HOST:PORT'

/** An engine that is away is no reason not to list the logins. */
function trustOf(services: Services, engineId: string | null): TrustPlace | undefined {
  try {
    return engineId === null ? undefined : trustPlace(engineFacts(services, engineId), ANY_REGISTRY)
  } catch {
    return undefined
  }
}
