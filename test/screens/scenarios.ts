/** What the scripted engine room shows in each scenario of the screenshots. */
import type { ContainerRow, EnginesSnapshot, ImageRow, MachineState, MachineUsage, OperationRow, Settings, SyncState } from '../../engine/contract/models.ts'
import { machineScenario } from './more-machine.ts'
import type { MachineMood } from './more-machine.ts'
import { PUSHES } from './more-registries.ts'
import { PULLS } from './more-hub.ts'
import type { HubMood } from './more-hub.ts'
import type { LogMood } from './more-logs.ts'
import { ARCHIVES, PRUNED } from './more-tidy.ts'
import { CONTAINERS, ENGINES, IMAGES, MB, NATIVE, NOW, OPERATIONS, ROOTLESS, SECRET_OPERATIONS, SETTINGS, STOPPED_VM } from './seed.ts'

export interface Scenario {
  readonly engines: EnginesSnapshot
  /** Null = the first list never comes. */
  readonly sync: SyncState | null
  readonly containers: readonly ContainerRow[]
  readonly images: readonly ImageRow[]
  readonly operations: readonly OperationRow[]
  readonly settings: Settings
  /** The Hub does not answer. */
  readonly offline: boolean
  /** Which logins there are. */
  readonly registries?: 'none' | 'all'
  /** What is known of the images' layers; by default they are not read and their reading begins and does not end. */
  readonly layers?: 'ready'
  /** How the Hub answers otherwise. */
  readonly hub?: HubMood
  /** Builds of every kind; on an engine without a cache of its own. */
  readonly builds?: 'all' | 'podman'
  /** The virtual machine as it is told. */
  readonly machine?: MachineState
  /** What it takes, when it is not the usual. */
  readonly usage?: MachineUsage
  /** What looking for new versions found. */
  readonly releases?: 'newer' | 'none' | 'failed'
  /** The system does not tell who listens. */
  readonly untold?: boolean
  /** Where the log's view is, when it does not follow. */
  readonly log?: LogMood
  /** The self-check finds nothing. */
  readonly fine?: boolean
}

const full: Scenario = {
  engines: { engines: ENGINES, currentId: 'native', detecting: false },
  sync: 'live',
  containers: CONTAINERS,
  images: IMAGES,
  operations: OPERATIONS,
  settings: SETTINGS,
  offline: false,
}

const withNative = (native: Partial<typeof NATIVE>): EnginesSnapshot => ({
  engines: [{ ...NATIVE, ...native }, ...ENGINES.slice(1)],
  currentId: 'native',
  detecting: false,
})
const analysing = (more: Partial<OperationRow>): OperationRow => ({
  id: 'op-analyse', name: 'layers.analyse', engineId: 'native', status: 'running', subject: 'shop/api:2.3', targets: [IMAGES[2]?.id ?? ''],
  command: 'docker save shop/api:2.3', startedAt: NOW - 1_200, cancellable: false, ...more,
})
const vmScenario = (mood: MachineMood): Scenario => ({ ...full, ...(['ready', 'napping', 'full'].includes(mood) ? { operations: [] } : nothing), ...machineScenario(mood) })
const nothing = { containers: [], images: [], operations: [] }

export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  fine: { ...full, operations: [], fine: true },
  secrets: { ...full, operations: SECRET_OPERATIONS },
  exited: {
    ...full, sync: 'stale', operations: [],
    engines: withNative({ status: 'failed', since: NOW - 8_000, error: { code: 'provider.exited', message: 'dockerd ended with 2', retryable: true, detail: 'fatal error: runtime: out of memory' } }),
  },
  healing: {
    ...full, sync: 'stale', operations: [],
    engines: withNative({ status: 'starting', since: NOW - 3_000, phase: { step: 'daemon', index: 4, total: 6, since: NOW - 2_100 } }),
  },
  'log-dropped': { ...full, log: 'dropped' },
  'log-ended': { ...full, log: 'ended' },
  'log-reconnecting': { ...full, log: 'reconnecting' },
  'log-failed': { ...full, log: 'failed' },
  'log-quiet': { ...full, log: 'quiet' },
  untold: { ...full, untold: true },
  newer: { ...full, settings: { ...SETTINGS, lookForReleases: true }, releases: 'newer' },
  looked: { ...full, settings: { ...SETTINGS, lookForReleases: true }, releases: 'none' },
  unlooked: { ...full, settings: { ...SETTINGS, lookForReleases: true }, releases: 'failed' },
  full,
  many: {
    ...full,
    containers: Array.from({ length: 500 }, (_, n) => {
      const row = CONTAINERS[n % CONTAINERS.length]!
      return n < CONTAINERS.length ? row : { ...row, id: row.id.slice(4) + String(n).padStart(4, '0'), name: `${row.name}-${n}`, ports: [] }
    }),
  },
  first: { ...full, ...nothing },
  /** Nothing is being done. */
  quiet: { ...full, operations: [] },
  builds: { ...full, operations: [], builds: 'all' },
  'builds-podman': { ...full, operations: [], builds: 'podman', engines: withNative({ capabilities: { ...NATIVE.capabilities!, buildkit: false } }) },
  pulls: { ...full, operations: PULLS },
  registries: { ...full, operations: [], registries: 'all' },
  pushes: { ...full, operations: PUSHES },
  archives: { ...full, operations: ARCHIVES },
  pruned: { ...full, operations: PRUNED },
  blind: { ...full, operations: [], engines: withNative({ capabilities: { ...NATIVE.capabilities!, stats: false, pause: false, limits: false, notes: ['no-cgroups'] } }) },
  podman: { ...full, operations: [], engines: withNative({ capabilities: { ...NATIVE.capabilities!, distribution: false, buildkit: false } }) },
  layers: { ...full, operations: [], layers: 'ready' },
  'layers-running': { ...full, operations: [analysing({ status: 'running', cancellable: true, progress: { step: 'analysing', bytesPerSecond: 214 * MB, parts: [{ id: 'image', state: 'downloading', currentBytes: 61.4 * MB, totalBytes: 193 * MB }] } })] },
  'layers-failed': { ...full, operations: [analysing({ status: 'failed', endedAt: NOW - 900, error: { code: 'engine.unreachable', message: 'cut', retryable: true, detail: 'the archive ends at byte 61 440 000' } })] },
  'hub-engine': { ...full, operations: [], hub: 'engine' },
  'hub-filling': { ...full, operations: [], hub: 'filling' },
  'hub-limited-later': { ...full, operations: [], hub: 'limited-later' },
  'hub-nothing': { ...full, operations: [], hub: 'nothing' },
  'hub-unreachable': { ...full, operations: [], hub: 'unreachable' },
  'hub-proxy': { ...full, operations: [], hub: 'proxy' },
  'hub-limited': { ...full, operations: [], hub: 'limited' },
  offline: { ...full, offline: true },
  loading: { ...full, ...nothing, sync: null },
  starting: {
    ...full, ...nothing, sync: null,
    engines: withNative({
      status: 'starting', version: undefined, since: NOW - 11_000,
      phase: {
        step: 'daemon', index: 4, total: 6, since: NOW - 9_400,
        lastLine: 'time="2026-11-20T12:04:31Z" level=info msg="Loading containers: start."',
      },
    }),
  },
  unreachable: {
    ...full, sync: 'stale',
    engines: withNative({
      status: 'unreachable', since: NOW - 42_000,
      error: {
        code: 'engine.unreachable', message: 'connect ECONNREFUSED', retryable: true,
        detail: 'connect ECONNREFUSED /root/.local/share/naru/run/docker.sock',
      },
    }),
  },
  stopped: { ...full, ...nothing, sync: null, engines: withNative({ status: 'stopped', version: undefined, capabilities: undefined }) },
  failed: {
    ...full, ...nothing, sync: null,
    engines: withNative({
      status: 'failed', version: undefined, capabilities: undefined,
      error: {
        code: 'provider.boot-failed', message: 'dockerd exited with 1', retryable: true,
        detail: 'failed to start daemon: error initializing graphdriver: driver not supported: overlay2',
      },
    }),
  },
  vm: vmScenario('ready'),
  'vm-starting': vmScenario('starting'),
  'vm-failed': vmScenario('failed'),
  'vm-missing': vmScenario('missing'),
  'vm-damaged': vmScenario('damaged'),
  'vm-napping': vmScenario('napping'),
  'vm-full': vmScenario('full'),
  root: { ...full, ...nothing, settings: { ...full.settings, rootExplained: false } },
  'rootless-first': { ...full, ...nothing, engines: { engines: [ENGINES[2]!, ROOTLESS, STOPPED_VM], currentId: 'native', detecting: false }, settings: { ...full.settings, engine: 'auto' } },
  rootless: { ...full, operations: [], engines: { engines: [ENGINES[2]!, ROOTLESS, STOPPED_VM], currentId: 'native', detecting: false }, settings: { ...full.settings, engine: 'auto' } },
  none: { ...full, ...nothing, sync: null, engines: { engines: ENGINES.slice(3), currentId: null, detecting: false } },
}
