/**
 * The one door between the renderer and the engine room: what may be asked, what comes back, what it may cost.
 * Three kinds: **method** (request → reply), **stream** (request → items, pulled by credit) and **operation**
 * (takes time, shows progress, can be cancelled, survives a reload of the page; listed on the Activity screen).
 */
import type {
  AppInfo,
  ContainerDetail,
  ContainerStats,
  DiskUsage,
  EngineEvent,
  EnginesSnapshot,
  HubSearchPage,
  HubTagPage,
  ImageDetail,
  OperationName,
  OperationRow,
  StatsPace,
  RowPatch,
  RunSpec,
  Settings,
  StatePatch,
  TerminalPlace,
} from './models.ts'
import { HOUSEKEEPING_METHOD_RULES, HOUSEKEEPING_STREAM_RULES } from './parts/housekeeping.ts'
import type { HousekeepingMethods, HousekeepingOperations, HousekeepingStreams } from './parts/housekeeping.ts'
import { BUILD_METHOD_RULES, BUILD_STREAM_RULES } from './parts/builds.ts'
import type { BuildMethods, BuildOperations, BuildStreams } from './parts/builds.ts'
import { LAYER_METHOD_RULES, LAYER_STREAM_RULES } from './parts/layers.ts'
import type { LayerMethods, LayerOperations, LayerStreams } from './parts/layers.ts'
import { CARE_METHOD_RULES } from './parts/care.ts'
import type { CareMethods, CareOperations } from './parts/care.ts'
import { DIAGNOSTIC_METHOD_RULES, DIAGNOSTIC_STREAM_RULES } from './parts/diagnostics.ts'
import type { DiagnosticMethods, DiagnosticStreams } from './parts/diagnostics.ts'
import { FILE_METHOD_RULES, FILE_STREAM_RULES } from './parts/files.ts'
import type { FileMethods, FileOperations, FileStreams } from './parts/files.ts'
import { HOST_METHOD_RULES } from './parts/host.ts'
import type { HostMethods } from './parts/host.ts'
import { INSIDE_METHOD_RULES } from './parts/inside.ts'
import type { InsideMethods, InsideOperations } from './parts/inside.ts'
import { LOG_METHOD_RULES, LOG_STREAM_RULES } from './parts/logs.ts'
import type { LogMethods, LogStreams } from './parts/logs.ts'
import { MACHINE_METHOD_RULES, MACHINE_STREAM_RULES } from './parts/machine.ts'
import type { MachineMethods, MachineOperations, MachineStreams } from './parts/machine.ts'
import { PORT_METHOD_RULES } from './parts/ports.ts'
import type { PortMethods } from './parts/ports.ts'
import { REGISTRY_METHOD_RULES } from './parts/registries.ts'
import type { RegistryMethods, RegistryOperations } from './parts/registries.ts'
import { RELEASE_METHOD_RULES, RELEASE_STREAM_RULES } from './parts/releases.ts'
import type { ReleaseMethods, ReleaseStreams } from './parts/releases.ts'
import type { MethodRule, Nothing, OfEngine, OnContainer, StreamRule } from './parts/rules.ts'
import { TRANSFER_METHOD_RULES, TRANSFER_STREAM_RULES } from './parts/transfers.ts'
import type { TransferMethods, TransferStreams } from './parts/transfers.ts'
import { STACK_METHOD_RULES } from './parts/stacks.ts'
import type { StackMethods } from './parts/stacks.ts'
import { TERMINAL_METHOD_RULES, TERMINAL_STREAM_RULES } from './parts/terminals.ts'
import type { TerminalMethods, TerminalStreams } from './parts/terminals.ts'
import { WHY_METHOD_RULES } from './parts/why.ts'
import type { WhyMethods } from './parts/why.ts'

export type { MethodRule, NoCreditPolicy, StreamRule } from './parts/rules.ts'

/** Both sides must agree; `app.info` tells the engine room's. */
export const CONTRACT_VERSION = 1

export interface Methods extends HostMethods, CareMethods, DiagnosticMethods, MachineMethods, LogMethods, HousekeepingMethods, TransferMethods, RegistryMethods, BuildMethods, StackMethods, LayerMethods, InsideMethods, FileMethods, TerminalMethods, PortMethods, WhyMethods, ReleaseMethods {
  'app.info': { arg: Nothing; result: AppInfo }
  'settings.get': { arg: Nothing; result: Settings }
  'settings.update': { arg: { readonly patch: Partial<Settings> }; result: Settings }

  /** Looks for engines again. */
  'engines.detect': { arg: Nothing; result: EnginesSnapshot }
  'engines.select': { arg: OfEngine; result: Nothing }
  /** Tries an unreachable or failed engine again now. */
  'engines.retry': { arg: OfEngine; result: Nothing }
  /** Adds a socket by path after asking it whether it is an engine. */
  'engines.add-socket': { arg: { readonly path: string }; result: { readonly engineId: string } }
  'engines.forget': { arg: OfEngine; result: Nothing }

  'containers.inspect': { arg: OfEngine & { readonly id: string }; result: ContainerDetail }
  'images.inspect': { arg: OfEngine & { readonly id: string }; result: ImageDetail }
  'system.disk': { arg: OfEngine; result: DiskUsage }

  /** Searches the Hub; falls back to the engine's own search when only that one answers. */
  'hub.search': {
    arg: { readonly engineId: string | null; readonly query: string; readonly page: number; readonly pageSize: number }
    result: HubSearchPage
  }
  'hub.tags': {
    arg: { readonly repository: string; readonly page: number; readonly pageSize: number; readonly filter: string }
    result: HubTagPage
  }

  /** Starts an operation and returns at once. */
  'operations.start': {
    arg: { [N in OperationName]: { readonly name: N; readonly arg: Operations[N]['arg'] } }[OperationName]
    result: { readonly operationId: string }
  }
  'operations.cancel': { arg: { readonly operationId: string }; result: Nothing }
  /** Starts the same operation again with the same arguments. */
  'operations.retry': { arg: { readonly operationId: string }; result: { readonly operationId: string } }
  /** The docker command line of an operation with every value it was given, secrets too: only when a person asks for it. */
  'operations.command': { arg: { readonly operationId: string }; result: { readonly command: string } }
  /** Takes ended operations off the list. */
  'operations.clear': { arg: Nothing; result: Nothing }
}

export interface Streams extends LogStreams, MachineStreams, HousekeepingStreams, TransferStreams, BuildStreams, LayerStreams, FileStreams, TerminalStreams, DiagnosticStreams, ReleaseStreams {
  /** Conflated: every change of any engine, newest snapshot. */
  'engines.watch': { arg: Nothing; item: EnginesSnapshot }
  /** The mirror of the current engine; follows engine switches by a `reset` patch. Conflated per row. */
  'state.watch': { arg: Nothing; item: StatePatch }
  /** First item = everything listed. */
  'operations.watch': { arg: Nothing; item: RowPatch<OperationRow> }
  /** Engine events from now on; bounded: a slow reader loses the oldest. */
  'events.watch': { arg: Nothing; item: EngineEvent }
  'settings.watch': { arg: Nothing; item: Settings }
  /**
   * Figures of each container: at once, a second later (processor time needs two samples), then every 2 s, less often
   * when that were more than four samples a second of all. `live`: every second. `resting`: every 10 s, one sample a
   * second at most.
   */
  'stats.watch': { arg: OfEngine & { readonly ids: readonly string[]; readonly pace?: StatsPace }; item: ContainerStats }
}

export interface Operations extends CareOperations, HousekeepingOperations, MachineOperations, RegistryOperations, BuildOperations, LayerOperations, InsideOperations, FileOperations {
  /**
   * `terminal`: attached to before the start, so that nothing it prints is lost; `sessionId` is that terminal. Absent when
   * the window is not there any more.
   */
  'containers.run': {
    arg: OfEngine & { readonly spec: RunSpec; readonly terminal?: TerminalPlace }
    result: { readonly containerId: string; readonly name: string; readonly warnings: readonly string[]; readonly sessionId?: string }
  }
  'containers.create': {
    arg: OfEngine & { readonly spec: RunSpec }
    result: { readonly containerId: string; readonly name: string; readonly warnings: readonly string[] }
  }
  /** `terminal` as for `containers.run`: `docker start -ai`. */
  'containers.start': { arg: OnContainer & { readonly terminal?: TerminalPlace }; result: { readonly sessionId?: string } }
  'containers.stop': { arg: OnContainer & { readonly graceSeconds?: number }; result: Nothing }
  'containers.restart': { arg: OnContainer & { readonly graceSeconds?: number }; result: Nothing }
  'containers.pause': { arg: OnContainer; result: Nothing }
  'containers.unpause': { arg: OnContainer; result: Nothing }
  'containers.kill': { arg: OnContainer & { readonly signal: string }; result: Nothing }
  'containers.rename': { arg: OnContainer & { readonly newName: string }; result: Nothing }
  /** Refuses a running container with code `running` unless `force` (kill) or `stopFirst` is set. */
  'containers.remove': {
    arg: OnContainer & { readonly force: boolean; readonly stopFirst: boolean; readonly volumes: boolean }
    result: Nothing
  }
  'images.pull': {
    arg: OfEngine & { readonly reference: string; readonly platform?: string }
    result: { readonly imageId: string; readonly upToDate: boolean }
  }
  /** `reference` is a tag (untag; the image goes with its last tag) or an id (delete). Code `in-use` names by whom. */
  'images.remove': {
    arg: OfEngine & { readonly reference: string; readonly force: boolean }
    result: { readonly untagged: readonly string[]; readonly deleted: readonly string[] }
  }
  /** Loads the bundled welcome image when it is not there and runs it on a free port. */
  'welcome.run': { arg: OfEngine; result: { readonly containerId: string; readonly hostPort: number } }
  'engines.start': { arg: OfEngine; result: Nothing }
  /** `containers`: `keep` leaves them running (they outlive the daemon), `stop` stops them through the API first. */
  'engines.stop': { arg: OfEngine & { readonly containers: 'keep' | 'stop' }; result: Nothing }
  /** Stops it and starts it again. A virtual machine's containers stop with it; restart policies bring them back. */
  'engines.restart': { arg: OfEngine; result: Nothing }
  'engines.create-context': {
    arg: OfEngine & { readonly name: string }
    result: { readonly name: string; readonly command: string }
  }
}

export type MethodName = keyof Methods
export type StreamName = keyof Streams

/** Fails to compile when the name list in models.ts and the map above differ. */
export type OperationNamesAgree = [OperationName] extends [keyof Operations]
  ? [keyof Operations] extends [OperationName]
    ? true
    : never
  : never
export const operationNamesAgree: OperationNamesAgree = true

/** What each method may do and how long it may take. */
export const METHOD_RULES: { readonly [M in MethodName]: MethodRule } = {
  'app.info': { mutates: false, limitMs: 5_000 },
  'settings.get': { mutates: false, limitMs: 5_000 },
  'settings.update': { mutates: true, limitMs: 5_000 },
  'engines.detect': { mutates: false, limitMs: 20_000 },
  'engines.select': { mutates: true, limitMs: 5_000 },
  'engines.retry': { mutates: false, limitMs: 20_000 },
  'engines.add-socket': { mutates: true, limitMs: 15_000 },
  'engines.forget': { mutates: true, limitMs: 5_000 },
  'containers.inspect': { mutates: false, limitMs: 15_000 },
  'images.inspect': { mutates: false, limitMs: 15_000 },
  'system.disk': { mutates: false, limitMs: 120_000 },
  'hub.search': { mutates: false, limitMs: 30_000 },
  'hub.tags': { mutates: false, limitMs: 30_000 },
  ...LAYER_METHOD_RULES,
  ...INSIDE_METHOD_RULES,
  ...FILE_METHOD_RULES,
  ...TERMINAL_METHOD_RULES,
  ...WHY_METHOD_RULES,
  ...HOST_METHOD_RULES,
  ...MACHINE_METHOD_RULES,
  ...CARE_METHOD_RULES,
  ...DIAGNOSTIC_METHOD_RULES,
  ...LOG_METHOD_RULES,
  ...PORT_METHOD_RULES,
  ...HOUSEKEEPING_METHOD_RULES,
  ...TRANSFER_METHOD_RULES,
  ...BUILD_METHOD_RULES,
  ...STACK_METHOD_RULES,
  ...REGISTRY_METHOD_RULES,
  ...RELEASE_METHOD_RULES,
  'operations.start': { mutates: true, limitMs: 5_000 },
  'operations.cancel': { mutates: true, limitMs: 5_000 },
  'operations.retry': { mutates: true, limitMs: 5_000 },
  'operations.command': { mutates: false, limitMs: 5_000 },
  'operations.clear': { mutates: true, limitMs: 5_000 },
}

export const STREAM_RULES: { readonly [S in StreamName]: StreamRule } = {
  'engines.watch': { noCredit: 'conflate', window: 8, unit: 'items' },
  'state.watch': { noCredit: 'conflate', window: 8, unit: 'items' },
  'operations.watch': { noCredit: 'conflate', window: 8, unit: 'items' },
  'events.watch': { noCredit: 'drop-oldest', window: 256, unit: 'items' },
  'settings.watch': { noCredit: 'conflate', window: 4, unit: 'items' },
  'stats.watch': { noCredit: 'conflate', window: 256, unit: 'items' },
  ...LAYER_STREAM_RULES,
  ...FILE_STREAM_RULES,
  ...TERMINAL_STREAM_RULES,
  ...LOG_STREAM_RULES,
  ...MACHINE_STREAM_RULES,
  ...HOUSEKEEPING_STREAM_RULES,
  ...TRANSFER_STREAM_RULES,
  ...BUILD_STREAM_RULES,
  ...DIAGNOSTIC_STREAM_RULES,
  ...RELEASE_STREAM_RULES,
}

/** Limits of one peer of the link. */
export const LINK_LIMITS = {
  /** Calls in flight; one more is refused with `invalid-request`. */
  calls: 256,
  streams: 128,
  /** Largest frame, bytes. */
  frameBytes: 16 * 1024 * 1024,
} as const
