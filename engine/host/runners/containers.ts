/** Runners of everything done to one container that is there. */
import type { OperationName } from '../../contract/models.ts'
import { removeContainer, renameContainer, restartContainer, startContainer, stopContainer } from '../../containers/actions.ts'
import type { EngineClient } from '../../docker/engine-client.ts'
import type { ArgOf, ResultOf, RunContext, Runner, Runners } from '../../operations/runner.ts'
import { DEFAULT_SETTINGS } from '../../settings/defaults.ts'
import type { TerminalService } from '../../terminals/service.ts'
import { portContextOf, readContainers } from '../services.ts'
import type { Core } from '../services.ts'
import { containerName, describe } from './describe.ts'

type OnContainer = Extract<OperationName, `containers.${string}`>
type ActionName = Exclude<OnContainer, 'containers.run' | 'containers.create' | 'containers.export' | 'containers.commit' | 'containers.update'>
type Act<N extends ActionName> = (client: EngineClient, arg: ArgOf<N>, signal: AbortSignal) => Promise<ResultOf<N> | void>

/** Not cancellable: the engine carries on with what it was told, whoever waits for it. */
function action<N extends ActionName>(core: Core, name: N, step: string, act: Act<N>, complete: (arg: ArgOf<N>) => ArgOf<N> = (arg) => arg): Runner<N> {
  return {
    cancellable: false,
    describe: (arg) => describe(core, name, complete(arg), containerName(core, arg.engineId, arg.id), [arg.id]),
    async run(arg: ArgOf<N>, context: RunContext) {
      context.report({ step, parts: [] })
      return (await act(core.engines.connection(arg.engineId).client, complete(arg), context.signal)) ?? {}
    },
  } as Runner<N>
}

/** The setting counts only when it was changed: a container may have a grace of its own, which the engine then uses. */
function withGrace<A extends { readonly graceSeconds?: number }>(core: Core): (arg: A) => A {
  return (arg) => {
    const { stopGraceSeconds } = core.settings.get()
    const chosen = stopGraceSeconds === DEFAULT_SETTINGS.stopGraceSeconds ? undefined : stopGraceSeconds
    const graceSeconds = arg.graceSeconds ?? chosen
    return graceSeconds === undefined ? arg : { ...arg, graceSeconds }
  }
}

export function containerRunners(core: Core, terminals: TerminalService): Pick<Runners, ActionName> {
  return {
    'containers.start': action(core, 'containers.start', 'starting', (client, { engineId, id, terminal }, signal) => {
      const attach = terminal && (() => terminals.attachBefore({ engineId, id }, terminal, signal))
      const readRows = (limit: AbortSignal) => readContainers(core, engineId, limit)
      const checkPorts = core.engines.connection(engineId).handle.hostPorts !== undefined
      return startContainer(client, id, { readRows, portContext: (rows) => portContextOf(core, engineId, rows), checkPorts }, signal, attach)
    }),
    'containers.stop': action(core, 'containers.stop', 'stopping', (client, { id, graceSeconds }, signal) => stopContainer(client, id, graceSeconds, signal), withGrace(core)),
    'containers.restart': action(core, 'containers.restart', 'restarting', (client, { id, graceSeconds }, signal) => restartContainer(client, id, graceSeconds, signal), withGrace(core)),
    'containers.pause': action(core, 'containers.pause', 'pausing', (client, { id }, signal) => client.pauseContainer(id, { signal })),
    'containers.unpause': action(core, 'containers.unpause', 'unpausing', (client, { id }, signal) => client.unpauseContainer(id, { signal })),
    'containers.kill': action(core, 'containers.kill', 'killing', (client, arg, signal) => client.killContainer(arg.id, arg.signal, { signal })),
    'containers.rename': action(core, 'containers.rename', 'renaming', (client, { id, newName }, signal) => renameContainer(client, id, newName, signal)),
    'containers.remove': action(core, 'containers.remove', 'removing', (client, arg, signal) => {
      const { graceSeconds } = withGrace<{ readonly graceSeconds?: number }>(core)({})
      return removeContainer(client, arg.id, { ...arg, ...(graceSeconds !== undefined && { graceSeconds }) }, signal)
    }),
  }
}
