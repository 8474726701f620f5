import { changesOf } from '../../containers/changes.ts'
import { readProcesses } from '../../containers/top.ts'
import type { MethodHandlers } from '../../link/handlers.ts'
import { withAny } from '../../system/signals.ts'
import type { Services } from '../services.ts'

export function insideMethods({ engines }: Services): Pick<MethodHandlers, 'containers.top' | 'containers.changes'> {
  return {
    'containers.top': async ({ engineId, id }, context) => {
      const { client, signal: lost } = engines.connection(engineId)
      return withAny([context.signal, lost], (signal) => readProcesses(client, id, signal))
    },
    'containers.changes': async ({ engineId, id }, context) => {
      const { client, signal: lost } = engines.connection(engineId)
      return changesOf(await withAny([context.signal, lost], (signal) => client.containerChanges(id, { signal })))
    },
  }
}
