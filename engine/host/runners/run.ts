/** Runners that make containers: run, create and the welcome container. */
import type { RunSpec } from '../../contract/models.ts'
import { createContainer, runContainer } from '../../containers/run.ts'
import type { RunDeps } from '../../containers/run.ts'
import { ensureImage } from '../../images/pull.ts'
import type { RunContext, Runners } from '../../operations/runner.ts'
import type { TerminalService } from '../../terminals/service.ts'
import { runWelcome } from '../../welcome/run.ts'
import { pullDeps } from '../pull-deps.ts'
import { portContextOf, readContainers } from '../services.ts'
import type { Core } from '../services.ts'
import { describe } from './describe.ts'

function depsFor(core: Core, engineId: string): Omit<RunDeps, 'attach' | 'terminal'> {
  const pull = pullDeps(core, engineId)
  const { folders } = core.engines.connection(engineId).handle
  return {
    client: pull.client,
    ...(folders && { folders }),
    readRows: (signal) => readContainers(core, engineId, signal),
    portContext: (rows) => portContextOf(core, engineId, rows),
    ensureImage: (spec: RunSpec, context: RunContext) => ensureImage(pull, spec, context),
  }
}

export function runRunners(core: Core, terminals: TerminalService): Pick<Runners, 'containers.run' | 'containers.create' | 'welcome.run'> {
  return {
    'containers.run': {
      cancellable: true,
      describe: (arg) => describe(core, 'containers.run', arg, arg.spec.name || arg.spec.image),
      run: ({ engineId, spec, terminal }, context) => {
        const attach = terminal && ((id: string, signal: AbortSignal) => terminals.attachBefore({ engineId, id }, terminal, signal))
        return runContainer({ ...depsFor(core, engineId), ...(attach && { attach, terminal }) }, spec, context)
      },
    },
    'containers.create': {
      cancellable: true,
      describe: (arg) => describe(core, 'containers.create', arg, arg.spec.name || arg.spec.image),
      run: ({ engineId, spec }, context) => createContainer(depsFor(core, engineId), spec, context),
    },
    'welcome.run': {
      cancellable: true,
      describe: (arg) => describe(core, 'welcome.run', arg, 'naru-welcome'),
      run: ({ engineId }, context) => runWelcome({ ...depsFor(core, engineId), archive: core.options.welcomeImage }, context),
    },
  }
}
