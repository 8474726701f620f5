import { basename } from 'node:path'
import { runBuild } from '../../builds/run.ts'
import type { BuildDeps } from '../../builds/run.ts'
import type { BuildService } from '../../builds/service.ts'
import type { BuildSpec } from '../../contract/models.ts'
import type { Runners } from '../../operations/runner.ts'
import type { Core } from '../services.ts'
import { describe } from './describe.ts'

const nameOf = ({ tags, folder }: BuildSpec): string => tags[0] || basename(folder) || folder

/** A token that stands for user and password travels in the place of the password. */
function loginOf({ registries }: Core): NonNullable<BuildDeps['login']> {
  return async (registry, signal) => {
    const found = await registries.credentialFor(registry, signal)
    return found && { username: found.kind === 'identity' ? '' : found.user, secret: found.secret }
  }
}

export function buildRunners(core: Core, builds: BuildService): Pick<Runners, 'builds.start'> {
  return {
    'builds.start': {
      cancellable: true,
      describe: (arg) => describe(core, 'builds.start', arg, nameOf(arg.spec)),
      run: ({ engineId, spec }, context) => {
        const { client, handle } = core.engines.connection(engineId)
        const deps: BuildDeps = {
          client,
          engineId,
          builds,
          registryConfig: core.registries.registryConfig,
          login: loginOf(core),
          ...(handle.hostLoopback && { hostLoopback: handle.hostLoopback }),
        }
        const { command } = describe(core, 'builds.start', { engineId, spec }, '')
        return runBuild(deps, { id: context.operationId, engineId, spec, name: nameOf(spec), command }, context)
      },
    },
  }
}
