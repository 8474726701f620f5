import { commitContainer } from '../../containers/changes.ts'
import { updateBody } from '../../containers/update.ts'
import type { Runners } from '../../operations/runner.ts'
import type { Core } from '../services.ts'
import { containerName, describe } from './describe.ts'

/** Not cancellable: the engine carries on with what it was told, whoever waits for it. */
export function insideRunners(core: Core): Pick<Runners, 'containers.commit' | 'containers.update'> {
  return {
    'containers.update': {
      cancellable: false,
      describe: (arg) => describe(core, 'containers.update', arg, containerName(core, arg.engineId, arg.id), [arg.id]),
      async run({ engineId, id, ...spec }, { signal, report }) {
        report({ step: 'updating', parts: [] })
        return { warnings: await core.engines.connection(engineId).client.updateContainer(id, updateBody(spec), { signal }) }
      },
    },
    'containers.commit': {
      cancellable: false,
      describe: (arg) => {
        const name = containerName(core, arg.engineId, arg.id)
        return describe(core, 'containers.commit', arg, arg.reference ? `${name} → ${arg.reference}` : name, [arg.id])
      },
      run({ engineId, id, ...spec }, { signal, report }) {
        report({ step: 'committing', parts: [] })
        return commitContainer(core.engines.connection(engineId).client, id, spec, signal)
      },
    },
  }
}
