/** What pulls and pushes of one engine work with. */
import { join } from 'node:path'
import type { PullDeps } from '../images/pull.ts'
import { explainRegistryError } from '../registries/explain.ts'
import type { EngineFacts } from '../registries/trust.ts'
import type { Core } from './services.ts'

/** What decides where an engine looks for certificates. @throws NaruError when it is not connected */
export function engineFacts({ engines, options }: Core, engineId: string): EngineFacts {
  const { client } = engines.connection(engineId)
  const native = engines.snapshot().engines.find(({ id }) => id === engineId)?.kind === 'native'
  return { version: client.version, home: options.home, ...(native && { embedded: join(options.stateFolder, 'engine') }) }
}

/** @throws NaruError when the engine is not connected */
export function pullDeps(core: Core, engineId: string): PullDeps {
  const { client, handle } = core.engines.connection(engineId)
  // Now, not when something has failed: the engine may be gone by then.
  const engine = engineFacts(core, engineId)
  return {
    client,
    ...(handle.hostLoopback && { hostLoopback: handle.hostLoopback }),
    authFor: core.registries.authFor,
    silenceMs: core.options.pullSilenceMs,
    explain: (error, { reference, auth, push }) =>
      explainRegistryError(error, { reference, push, loggedIn: auth !== undefined, user: userIn(auth), engine }),
  }
}

function userIn(auth: string | undefined): string {
  if (auth === undefined) return ''
  const { username } = JSON.parse(Buffer.from(auth, 'base64url').toString('utf8')) as { username?: string }
  return username ?? ''
}
