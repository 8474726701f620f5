/** Runners that talk to registries on a person's behalf: push and log in. */
import { pushImage } from '../../images/push.ts'
import type { Runners } from '../../operations/runner.ts'
import { logIn } from '../../registries/login.ts'
import { engineFacts, pullDeps } from '../pull-deps.ts'
import type { Core } from '../services.ts'
import { describe } from './describe.ts'

export function registryRunners(core: Core): Pick<Runners, 'images.push' | 'registries.login'> {
  return {
    'images.push': {
      cancellable: true,
      describe: (arg) => describe(core, 'images.push', arg, arg.reference),
      run: ({ engineId, reference }, context) => pushImage(pullDeps(core, engineId), reference, context),
    },
    'registries.login': {
      cancellable: true,
      describe: (arg) => describe(core, 'registries.login', arg, arg.registry),
      run({ engineId, registry, user, keep, ticket }, { signal, report }) {
        report({ step: 'checking', parts: [] })
        const secret = core.tickets.redeem(ticket)
        const { client, hostLoopback } = pullDeps(core, engineId)
        const deps = { client, engine: engineFacts(core, engineId), registries: core.registries, ...(hostLoopback && { hostLoopback }) }
        return logIn(deps, { registry, user, secret, kind: 'password' }, keep, signal)
      },
    },
  }
}
