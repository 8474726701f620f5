import { previewPrune } from '../../images/prune.ts'
import type { MethodHandlers } from '../../link/handlers.ts'
import { withAny } from '../../system/signals.ts'
import type { Services } from '../services.ts'

type Names = 'images.look-up' | 'prune.preview' | 'transfers.open' | 'transfers.write' | 'transfers.end'

export function housekeepingMethods({ engines, hub, looks, registries, transfers }: Services): Pick<MethodHandlers, Names> {
  return {
    'images.look-up': async ({ engineId, reference }, { signal }) => {
      const { client, handle, signal: lost } = engines.connection(engineId)
      const deps = { engineId, client, hub, authFor: registries.authFor, ...(handle.hostLoopback && { hostLoopback: handle.hostLoopback }) }
      return withAny([signal, lost], (both) => looks.look(deps, reference, both))
    },
    'prune.preview': async ({ engineId, ...wanted }, { signal }) => {
      const { client, signal: lost } = engines.connection(engineId)
      return withAny([signal, lost], (both) => previewPrune(client, wanted, both))
    },
    'transfers.open': transfers.open,
    'transfers.write': transfers.write,
    'transfers.end': transfers.end,
  }
}
