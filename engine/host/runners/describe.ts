/** Names for operations, from what the mirror knows: an operation must be named before its engine is asked. */
import type { OperationName } from '../../contract/models.ts'
import { commandOf } from '../../operations/command.ts'
import type { CommandNames } from '../../operations/command.ts'
import type { ArgOf, Description } from '../../operations/runner.ts'
import type { Core } from '../services.ts'

const SHORT = 12

export function shortId(id: string): string {
  return id.replace(/^sha256:/, '').slice(0, SHORT)
}

export function containerName({ mirrors }: Core, engineId: string, id: string): string {
  return mirrors.container(engineId, id)?.name || (/^[0-9a-f]{64}$/.test(id) ? shortId(id) : id)
}

function namesFor(core: Core, engineId: string): CommandNames {
  const dockerHost = core.engines.snapshot().engines.find(({ id }) => id === engineId)?.dockerHost
  return { container: (id) => containerName(core, engineId, id), ...(dockerHost && { dockerHost }) }
}

export function describe<N extends OperationName>(
  core: Core,
  name: N,
  arg: ArgOf<N>,
  subject: string,
  targets: readonly string[] = [],
): Description {
  return { subject, targets, command: commandOf(name, arg, namesFor(core, arg.engineId)) }
}
