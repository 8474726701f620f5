/**
 * What containers that do not run would publish. The engine's list tells nothing of them, so each is inspected once:
 * a container's bindings are fixed when it is made.
 */
import type { ContainerRow, PlannedPort, PortMapping } from '../contract/models.ts'
import { exposedPort } from '../containers/inspect.ts'
import type { RawContainerInspect } from '../docker/api-types.ts'
import { holdsPorts } from './overlap.ts'

export interface PlannedPorts {
  /** A container that cannot be inspected (it may just have gone) is left out and asked again the next time. */
  of(engineId: string, rows: readonly ContainerRow[], inspect: (id: string) => Promise<RawContainerInspect>): Promise<readonly PlannedPort[]>
}

/** Inspect calls at once. */
const AT_ONCE = 8
/** Milliseconds one answer may spend on inspecting; the rest comes with the next. */
const BUDGET_MS = 4_000

export function createPlannedPorts(now: () => number = () => performance.now()): PlannedPorts {
  const known = new Map<string, Map<string, readonly Required<PortMapping>[]>>()

  return {
    async of(engineId, rows, inspect) {
      const idle = rows.filter((row) => !holdsPorts(row) && row.state !== 'removing')
      const before = known.get(engineId)
      // Containers that are gone are forgotten with the map they were in; those that run keep what is known of them.
      const mine = new Map(rows.flatMap(({ id }) => (before?.has(id) ? [[id, before.get(id) ?? []] as const] : [])))
      known.set(engineId, mine)
      const missing = idle.filter(({ id }) => !mine.has(id))
      const until = now() + BUDGET_MS
      async function work(): Promise<void> {
        for (let row = missing.shift(); row && now() < until; row = missing.shift()) {
          const raw = await inspect(row.id).catch(() => null)
          if (raw) mine.set(row.id, plannedOf(raw))
        }
      }
      await Promise.all(Array.from({ length: AT_ONCE }, work))
      return idle.flatMap(({ id }) => (mine.get(id) ?? []).map((mapping) => ({ containerId: id, mapping })))
    },
  }
}

/** Bindings with a fixed host port; of an empty one or a range the engine takes what is free. */
export function plannedOf({ HostConfig }: RawContainerInspect): Required<PortMapping>[] {
  return Object.entries(HostConfig?.PortBindings ?? {}).flatMap(([key, bindings]) => {
    const target = exposedPort(key)
    if (!target) return []
    return (bindings ?? []).flatMap(({ HostIp, HostPort }) => {
      const hostPort = Number(HostPort)
      if (!Number.isInteger(hostPort) || hostPort < 1) return []
      return { containerPort: target.port, protocol: target.protocol, hostIp: HostIp ?? '', hostPort }
    })
  })
}
