import { changesOf } from '../../containers/changes.ts'
import { readProcesses } from '../../containers/top.ts'
import type { MethodHandlers } from '../../link/handlers.ts'
import type { Services } from '../services.ts'

export function insideMethods({ engines }: Services): Pick<MethodHandlers, 'containers.top' | 'containers.changes'> {
  const asked = (engineId: string, signal: AbortSignal) => {
    const { client, signal: lost } = engines.connection(engineId)
    return { client, signal: AbortSignal.any([signal, lost]) }
  }
  return {
    'containers.top': ({ engineId, id }, context) => {
      const { client, signal } = asked(engineId, context.signal)
      return readProcesses(client, id, signal)
    },
    'containers.changes': async ({ engineId, id }, context) => {
      const { client, signal } = asked(engineId, context.signal)
      return changesOf(await client.containerChanges(id, { signal }))
    },
  }
}
