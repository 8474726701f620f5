/** Names and ports that are taken: found before a container is made, and explained when the engine refuses one. */
import { NaruError } from '../contract/errors.ts'
import type { ContainerRow, PortHolder, PortSpec } from '../contract/models.ts'
import type { EngineClient } from '../docker/engine-client.ts'
import { findHolder } from '../ports/check.ts'
import type { PortContext } from '../ports/check.ts'

/** @throws NaruError `name-in-use` {name, holder, holderId, state} */
export function refuseTakenName(name: string | undefined, rows: readonly ContainerRow[]): void {
  const holder = name ? rows.find((row) => row.name === name) : undefined
  if (holder) throw nameInUse(holder)
}

function nameInUse(holder: ContainerRow, detail?: string): NaruError {
  return new NaruError('name-in-use', `the name ${holder.name} is taken`, {
    params: { name: holder.name, holder: holder.name, holderId: holder.id, state: holder.state, field: 'name' },
    detail,
  })
}

/** @throws NaruError `port-in-use` {port, protocol, hostIp, holder, holderKind, holderId?, pid?} for the first taken port */
export async function refuseTakenPorts(ports: readonly PortSpec[], context: PortContext, signal: AbortSignal): Promise<void> {
  for (const port of ports) {
    const hostPort = Number(port.hostPort)
    // Empty = the engine chooses; a range = the engine takes what is free in it; 0 = the same as empty.
    if (!Number.isInteger(hostPort) || hostPort < 1) continue
    const holder = await findHolder({ hostIp: port.hostIp, hostPort, protocol: port.protocol }, context, signal)
    if (holder) throw portInUse(hostPort, port, holder)
  }
}

interface WantedPort {
  readonly hostIp: string
  readonly protocol: string
}

function portInUse(hostPort: number, { hostIp, protocol }: WantedPort, holder: PortHolder, detail?: string): NaruError {
  return new NaruError('port-in-use', `port ${hostPort} is taken${holder.name ? ` by ${holder.name}` : ''}`, {
    params: {
      port: hostPort,
      protocol,
      hostIp,
      field: 'ports',
      // Without a name the sentence must not speak of one.
      ...(holder.name && { holder: holder.name }),
      holderKind: holder.kind,
      ...(holder.containerId && { holderId: holder.containerId }),
      ...(holder.pid !== undefined && { pid: holder.pid }),
    },
    detail,
  })
}

export interface RefusedRun {
  readonly client: EngineClient
  readonly name: string | undefined
  readonly ports: readonly PortSpec[]
  /** Read anew: what was free a moment ago is not. */
  readonly readRows: (signal: AbortSignal) => Promise<readonly ContainerRow[]>
  readonly portContext: (rows: readonly ContainerRow[]) => PortContext
}

/** The engine's refusal with the holder of the name or port named; other errors unchanged. */
export async function explainRefusal(error: unknown, run: RefusedRun, signal: AbortSignal): Promise<unknown> {
  if (!(error instanceof NaruError)) return error
  try {
    if (error.code === 'name-in-use') {
      const holder = (await run.readRows(signal)).find((row) => row.name === (error.params?.['name'] ?? run.name))
      return holder ? nameInUse(holder, error.detail) : error
    }
    if (error.code === 'port-in-use') return await explainPort(error, run, signal)
  } catch {
    // The explanation is a courtesy: without it the engine's own refusal stands.
  }
  return error
}

async function explainPort(error: NaruError, run: RefusedRun, signal: AbortSignal): Promise<NaruError> {
  const context = run.portContext(await run.readRows(signal))
  const named = Number(error.params?.['port'])
  const wanted = run.ports.filter(({ hostPort }) => (named > 0 ? Number(hostPort) === named : Number(hostPort) > 0))
  for (const port of wanted) {
    const hostPort = Number(port.hostPort)
    const holder = await findHolder({ hostIp: port.hostIp, hostPort, protocol: port.protocol }, context, signal)
    if (holder) return portInUse(hostPort, port, holder, error.detail)
  }
  return error
}
