/** What the handlers and runners work with; made once by compose.ts. */
import type { BuildService } from '../builds/service.ts'
import type { ContainerRow } from '../contract/models.ts'
import type { FileService } from '../container-files/service.ts'
import type { HubClient } from '../hub/client.ts'
import type { LayerService } from '../layers/service.ts'
import type { LogService } from '../logs/service.ts'
import type { RegistryLooks } from '../images/registry-look.ts'
import type { UpdateChecker } from '../images/updates.ts'
import type { OperationRegistry } from '../operations/registry.ts'
import type { PortContext } from '../ports/check.ts'
import type { PlannedPorts } from '../ports/planned.ts'
import type { Machine } from '../providers/vm/machine.ts'
import type { EngineManager } from '../providers/manager.ts'
import type { ReleaseService } from '../releases/service.ts'
import type { KnownSecrets } from '../redact/known.ts'
import type { RegistryLogins } from '../registries/logins.ts'
import type { Tickets } from '../registries/tickets.ts'
import type { SettingsStore } from '../settings/store.ts'
import { containerRow } from '../state/normalise.ts'
import type { TerminalService } from '../terminals/service.ts'
import type { TransferService } from '../transfers/service.ts'
import type { Care } from './care.ts'
import type { MirrorHub } from './mirror-hub.ts'
import type { EngineHostOptions } from './options.ts'

export interface Core {
  readonly options: EngineHostOptions
  readonly settings: SettingsStore
  readonly engines: EngineManager
  /** The bundled virtual machine; null where there can be none. */
  readonly machine: Machine | null
  readonly mirrors: MirrorHub
  /** Who is logged in to which registry; `authFor(reference, signal)` goes along with what the engine asks of one. */
  readonly registries: RegistryLogins
  /** Secrets on their way into an operation. */
  readonly tickets: Tickets
}

export interface Services extends Core {
  readonly hub: HubClient
  readonly layers: LayerService
  readonly files: FileService
  readonly logs: LogService
  readonly terminals: TerminalService
  readonly transfers: TransferService
  readonly updates: UpdateChecker
  readonly releases: ReleaseService
  readonly looks: RegistryLooks
  readonly operations: OperationRegistry
  /** Secrets that operations were given, to be hidden wherever they come up again. */
  readonly known: KnownSecrets
  readonly care: Care
  readonly builds: BuildService
  /** What containers that do not run would publish. */
  readonly plannedPorts: PlannedPorts
}

/** Containers of an engine read now, not from the mirror: what a check rests on must be true. */
export async function readContainers({ engines }: Pick<Core, 'engines'>, engineId: string, signal: AbortSignal): Promise<readonly ContainerRow[]> {
  const { client } = engines.connection(engineId)
  return (await client.listContainers({ all: true }, { signal })).map(containerRow)
}

export function portContextOf({ engines, mirrors }: Core, engineId: string, rows: readonly ContainerRow[]): PortContext {
  const summary = engines.snapshot().engines.find(({ id }) => id === engineId)
  // The virtual machine's ports are opened by Naru itself, with what this user may.
  const unprivileged = summary?.kind === 'vm' && process.getuid?.() !== 0
  return { rows, otherRows: mirrors.containersOfOthers(engineId).flatMap((other) => other.rows), rootless: unprivileged || (summary?.rootless ?? false) }
}
