import type { MethodHandlers } from '../../link/handlers.ts'
import { checkPort } from '../../ports/check.ts'
import { probePorts } from '../../ports/probe.ts'
import { surveyPorts } from '../../ports/survey.ts'
import { withAny } from '../../system/signals.ts'
import { portContextOf, readContainers } from '../services.ts'
import type { Services } from '../services.ts'

/** Within the 10 s of `ports.probe`: what was not tried by then is told as `timeout`. */
const PROBE_MS = 8_000

export function portMethods(services: Services): Pick<MethodHandlers, 'ports.check' | 'ports.probe' | 'ports.survey'> {
  const { engines, mirrors, plannedPorts } = services
  // The check runs at every key press: the mirror is as good as the engine while its events flow.
  const rowsFor = async (engineId: string, signal: AbortSignal) =>
    mirrors.isLive(engineId) ? mirrors.containersOf(engineId) : readContainers(services, engineId, signal)
  return {
    'ports.check': async ({ engineId, ...question }, { signal }) =>
      checkPort(question, portContextOf(services, engineId, await rowsFor(engineId, signal)), signal),
    'ports.probe': async ({ engineId }, { signal }) => {
      const lost = engines.connection(engineId).signal
      return withAny([signal, lost], async (both) => ({ ports: await probePorts(await rowsFor(engineId, both), AbortSignal.any([both, AbortSignal.timeout(PROBE_MS)])) }))
    },
    'ports.survey': async ({ engineId }, { signal }) => {
      const others = mirrors.containersOfOthers(engineId)
      if (engineId === null) return surveyPorts({ rows: [], others, planned: [] }, signal)
      const { client, signal: lost } = engines.connection(engineId)
      return withAny([signal, lost], async (both) => {
        const rows = await rowsFor(engineId, both)
        const planned = await plannedPorts.of(engineId, rows, (id) => client.inspectContainer(id, { signal: both }))
        return surveyPorts({ engineId, rows, others, planned }, both)
      })
    },
  }
}
