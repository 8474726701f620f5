import { previewPrune } from '../../images/prune.ts'
import type { MethodHandlers } from '../../link/handlers.ts'
import type { Services } from '../services.ts'

type Names = 'prune.preview' | 'transfers.open' | 'transfers.write' | 'transfers.end'

export function housekeepingMethods({ engines, transfers }: Services): Pick<MethodHandlers, Names> {
  return {
    'prune.preview': ({ engineId, ...wanted }, { signal }) => {
      const { client, signal: lost } = engines.connection(engineId)
      return previewPrune(client, wanted, AbortSignal.any([signal, lost]))
    },
    'transfers.open': transfers.open,
    'transfers.write': transfers.write,
    'transfers.end': transfers.end,
  }
}
