import { readProcesses } from '../../containers/top.ts'
import type { MethodHandlers } from '../../link/handlers.ts'
import type { Services } from '../services.ts'

export function insideMethods({ engines }: Services): Pick<MethodHandlers, 'containers.top'> {
  return {
    'containers.top': ({ engineId, id }, { signal }) => {
      const { client, signal: lost } = engines.connection(engineId)
      return readProcesses(client, id, AbortSignal.any([signal, lost]))
    },
  }
}
