/** One source for each stream of the contract. */
import { watchStats } from '../containers/stats-stream.ts'
import { createBroadcast } from './broadcast.ts'
import { diagnose } from './diagnostics.ts'
import type { StreamHandlers } from '../link/handlers.ts'
import type { Services } from './services.ts'

export function createStreams(services: Services): StreamHandlers {
  const { engines, machine, registries, mirrors, operations, settings, layers, files, logs, transfers, updates, builds, terminals, releases } = services
  return {
    'engines.watch': (_arg, { signal }) => engines.watch(signal),
    'machine.watch': (_arg, { signal }) => machine?.watch(signal) ?? silence(signal),
    'machine.usage': (_arg, { signal }) => machine?.usage(signal) ?? silence(signal),
    'state.watch': (_arg, { signal }) => mirrors.watch(signal),
    'operations.watch': (_arg, { signal }) => operations.watch(signal),
    'events.watch': (_arg, { signal }) => mirrors.events(signal),
    'settings.watch': (_arg, { signal }) => settings.watch(signal),
    'releases.watch': (_arg, { signal }) => releases.watch(signal),
    'stats.watch': ({ engineId, ids, pace }, { signal }) => {
      const { client, handle, signal: lost } = engines.connection(engineId)
      return watchStats(client, ids, AbortSignal.any([signal, lost]), pace, handle.nap?.resting)
    },
    'builds.watch': (_arg, { signal }) => builds.watch(signal),
    'builds.steps': ({ buildId }, { signal }) => builds.steps(buildId, signal),
    'diagnostics.run': (_arg, { signal }) => diagnose(services, signal),
    'layers.extract': (of, { signal }) => layers.extract(of, signal),
    'files.open': files.open,
    'logs.watch': logs.watch,
    'logs.search': logs.search,
    'logs.histogram': logs.histogram,
    'logs.export': logs.export,
    'transfers.read': transfers.read,
    'terminals.output': terminals.output,
    'images.updates': ({ engineId, references, fresh }, { signal }) => {
      const { client, handle, signal: lost } = engines.connection(engineId)
      const deps = { engineId, client, authFor: registries.authFor, ...(handle.hostLoopback && { hostLoopback: handle.hostLoopback }) }
      return updates.check(deps, references, fresh, AbortSignal.any([signal, lost]))
    },
  }
}

/** No item, until the reader goes. */
function silence(signal: AbortSignal): AsyncIterable<never> {
  return createBroadcast<never>().subscribe(signal)
}
