import { previewPrune } from '../../images/prune.ts'
import type { MethodHandlers } from '../../link/handlers.ts'
import type { Services } from '../services.ts'

type Names = 'images.look-up' | 'prune.preview' | 'transfers.open' | 'transfers.write' | 'transfers.end'

export function housekeepingMethods({ engines, hub, looks, registries, transfers }: Services): Pick<MethodHandlers, Names> {
  return {
    'images.look-up': ({ engineId, reference }, { signal }) => {
      const { client, handle, signal: lost } = engines.connection(engineId)
      const deps = { engineId, client, hub, authFor: registries.authFor, ...(handle.hostLoopback && { hostLoopback: handle.hostLoopback }) }
      return looks.look(deps, reference, AbortSignal.any([signal, lost]))
    },
    'prune.preview': ({ engineId, ...wanted }, { signal }) => {
      const { client, signal: lost } = engines.connection(engineId)
      return previewPrune(client, wanted, AbortSignal.any([signal, lost]))
    },
    'transfers.open': transfers.open,
    'transfers.write': transfers.write,
    'transfers.end': transfers.end,
  }
}
