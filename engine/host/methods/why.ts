import type { OwnAct } from '../../containers/why-stopped.ts'
import { gatherWhy } from '../../containers/why/gather.ts'
import type { OperationRow } from '../../contract/models.ts'
import type { MethodHandlers } from '../../link/handlers.ts'
import { withAny } from '../../system/signals.ts'
import type { Services } from '../services.ts'

const VERBS: Readonly<Partial<Record<OperationRow['name'], OwnAct['verb']>>> = {
  'containers.start': 'start',
  'containers.stop': 'stop',
  'containers.kill': 'kill',
  'containers.restart': 'restart',
}

/** What was done to a container from here, oldest first. A failed one counts at its end: that is when the engine refused. */
export function ownActs(rows: readonly OperationRow[], id: string): OwnAct[] {
  return rows
    .flatMap(({ name, targets, status, startedAt, endedAt, error }): OwnAct[] => {
      const verb = VERBS[name]
      if (!verb || !targets.includes(id) || status === 'cancelled') return []
      if (status !== 'failed') return [{ verb, at: startedAt }]
      if (verb === 'stop' || verb === 'kill') return []
      return [{ verb, at: endedAt ?? startedAt, ...(error?.detail && { refusal: error.detail }) }]
    })
    .sort((a, b) => a.at - b.at)
}

export function whyMethods({ engines, mirrors, operations }: Services): Pick<MethodHandlers, 'containers.why-stopped'> {
  return {
    'containers.why-stopped': async ({ engineId, id }, { signal }) => {
      const { client, signal: lost } = engines.connection(engineId)
      const deps = { seen: mirrors.lifeOf(id), acts: ownActs(operations.rows(), id), neighbours: mirrors.containersOf(engineId) }
      return withAny([signal, lost], (both) => gatherWhy(client, id, deps, both))
    },
  }
}
