/**
 * Data that crosses the link: plain, readonly, structured-cloneable. Sizes are bytes, times are milliseconds since
 * 1970-01-01 UTC, durations milliseconds, unless a name says otherwise.
 */
import type { ErrorEnvelope } from './errors.ts'

// ---- engines ---------------------------------------------------------------------------------------------------

export type ProviderKind = 'socket' | 'native' | 'vm' | 'ssh' | 'tls'

/** `absent` = cannot be had here; `stopped` = can be started; `unreachable` = was ready, does not answer now. */
export type EngineStatus =
  | 'absent'
  | 'stopped'
  | 'starting'
  | 'ready'
  | 'degraded'
  | 'unreachable'
  | 'stopping'
  | 'failed'

/** The step a starting or stopping engine is in. */
export interface EnginePhase {
  /** Key below `engines.steps.` in the catalogues, e.g. `clean-up`, `network`, `daemon`, `ping`. */
  readonly step: string
  /** 1-based position of the step. */
  readonly index: number
  readonly total: number
  /** When the step began. */
  readonly since: number
  /** Last line the started program printed, when there is one. */
  readonly lastLine?: string
}

/** What the engine can do, found out at connect by asking it, never from its name. */
export interface Capabilities {
  readonly pause: boolean
  readonly limits: boolean
  readonly stats: boolean
  readonly update: boolean
  readonly buildkit: boolean
  readonly swarm: boolean
  readonly distribution: boolean
  /** Layer directories on the host can be told (overlay2 graph driver data). */
  readonly layerDirectories: boolean
  /** Reasons, as keys below `engines.limits.`, for what is missing. */
  readonly notes: readonly string[]
}

export interface EngineVersion {
  /** Product as the engine names itself: "Moby", "Docker Engine", "Podman Engine"… */
  readonly product: string
  readonly version: string
  readonly apiVersion: string
  readonly os: string
  readonly arch: string
  readonly kernel?: string
  readonly storageDriver?: string
  readonly cgroupVersion?: '1' | '2'
  readonly rootless: boolean
  /** Processors and bytes of memory the engine's host has. */
  readonly cpus?: number
  readonly memoryBytes?: number
}

export interface EngineSummary {
  /** Stable across sessions: `native`, or `socket:/path/to.sock`. */
  readonly id: string
  readonly kind: ProviderKind
  /** A proper name when the source has one (docker context, product), else empty: the UI then names the provider. */
  readonly name: string
  readonly status: EngineStatus
  readonly phase?: EnginePhase
  readonly version?: EngineVersion
  readonly capabilities?: Capabilities
  /** Unix socket as the `docker` CLI would use it: `unix:///…`. */
  readonly dockerHost?: string
  /** Why it is absent, failed, degraded or unreachable. */
  readonly error?: ErrorEnvelope
  /** When the present status began. */
  readonly since: number
  /** Where the engine was found: `DOCKER_HOST`, `context:NAME`, `well-known`, `added`, `embedded`. */
  readonly origin: string
  /** Naru can start and stop it. */
  readonly managed: boolean
  readonly rootless?: boolean
}

export interface EnginesSnapshot {
  readonly engines: readonly EngineSummary[]
  /** Engine every screen shows now; null while none was found. */
  readonly currentId: string | null
  /** True while the first detection still runs. */
  readonly detecting: boolean
}

// ---- containers ------------------------------------------------------------------------------------------------

export type ContainerState = 'created' | 'running' | 'paused' | 'restarting' | 'removing' | 'exited' | 'dead'
export type HealthStatus = 'none' | 'starting' | 'healthy' | 'unhealthy'
export type PortProtocol = 'tcp' | 'udp' | 'sctp'

export interface PortMapping {
  readonly containerPort: number
  readonly protocol: PortProtocol
  /** Absent when the port is exposed but not published. */
  readonly hostIp?: string
  readonly hostPort?: number
}

export interface ContainerRow {
  /** 64 hex digits. */
  readonly id: string
  /** Without the leading slash. */
  readonly name: string
  readonly image: string
  /** `sha256:…` of the image the container was made from. */
  readonly imageId: string
  readonly command: string
  readonly createdAt: number
  readonly state: ContainerState
  readonly health: HealthStatus
  /** The engine's own status text ("Up 2 hours", "Exited (137) 4 minutes ago"). */
  readonly status: string
  /** Known for exited containers. */
  readonly exitCode?: number
  readonly startedAt?: number
  readonly finishedAt?: number
  readonly oomKilled?: boolean
  readonly ports: readonly PortMapping[]
  readonly labels: Readonly<Record<string, string>>
  /** Compose project, from `com.docker.compose.project` (or Podman's equivalent). */
  readonly project?: string
  readonly service?: string
  readonly networks: readonly string[]
  readonly mounts: readonly string[]
}

/** One container in full; `raw` is the engine's inspect answer, unchanged. */
export interface ContainerDetail {
  readonly id: string
  readonly name: string
  readonly image: string
  readonly imageId: string
  readonly state: ContainerState
  readonly health: HealthStatus
  readonly exitCode: number
  readonly oomKilled: boolean
  /** The runtime's error text, e.g. why a start failed; empty when none. */
  readonly error: string
  readonly startedAt?: number
  readonly finishedAt?: number
  readonly createdAt: number
  readonly restartCount: number
  readonly tty: boolean
  readonly command: readonly string[]
  readonly env: readonly EnvVar[]
  readonly ports: readonly PortMapping[]
  readonly mounts: readonly MountInfo[]
  readonly networks: readonly NetworkAttachment[]
  readonly labels: Readonly<Record<string, string>>
  readonly restartPolicy: RestartPolicy
  readonly autoRemove: boolean
  readonly logDriver: string
  /** False when the log driver keeps nothing that can be read back. */
  readonly logsReadable: boolean
  readonly raw: unknown
}

export interface EnvVar {
  readonly name: string
  readonly value: string
}

export interface MountInfo {
  readonly type: string
  readonly source: string
  readonly target: string
  readonly readOnly: boolean
}

export interface NetworkAttachment {
  readonly name: string
  readonly ipAddress: string
  readonly aliases: readonly string[]
}

export interface RestartPolicy {
  readonly name: 'no' | 'always' | 'unless-stopped' | 'on-failure'
  /** Only with `on-failure`; 0 = for ever. */
  readonly maximumRetryCount?: number
}

/** Figures of one container at one moment. `cpuPercent` is of one core, as `docker stats` prints it. */
export interface ContainerStats {
  readonly id: string
  readonly cpuPercent: number
  readonly memoryBytes: number
  readonly memoryLimitBytes: number
  readonly pids: number
}

/** Member of a `-p` list; strings as the person wrote them, empty when absent (see engine/ports/spec.ts). */
export interface PortSpec {
  readonly containerPort: string
  readonly protocol: PortProtocol
  readonly hostIp: string
  readonly hostPort: string
}

export interface VolumeSpec {
  /** Host path (bind) or volume name; empty = anonymous volume. */
  readonly source: string
  readonly target: string
  readonly readOnly: boolean
}

/** What the run panel asks for. Later issues add fields; absent always means "the engine's default". */
export interface RunSpec {
  readonly image: string
  readonly name?: string
  /** Words of the command; absent = the image's. */
  readonly command?: readonly string[]
  readonly ports: readonly PortSpec[]
  readonly env: readonly EnvVar[]
  readonly volumes: readonly VolumeSpec[]
  readonly restart: RestartPolicy
  readonly autoRemove: boolean
  /** `missing` pulls only when the image is not here. */
  readonly pull: 'missing' | 'always' | 'never'
  readonly platform?: string
  readonly labels?: Readonly<Record<string, string>>
}

// ---- images ----------------------------------------------------------------------------------------------------

export interface ImageRow {
  /** `sha256:…` */
  readonly id: string
  /** `name:tag` in familiar form; empty for a dangling image. */
  readonly tags: readonly string[]
  /** `name@sha256:…` */
  readonly digests: readonly string[]
  readonly createdAt: number
  readonly sizeBytes: number
  /** Bytes shared with other images; absent until asked for (`system.disk`). */
  readonly sharedBytes?: number
  readonly dangling: boolean
  readonly labels: Readonly<Record<string, string>>
}

export interface ImageDetail {
  readonly id: string
  readonly tags: readonly string[]
  readonly digests: readonly string[]
  readonly createdAt: number
  readonly sizeBytes: number
  readonly os: string
  readonly architecture: string
  readonly author: string
  readonly exposedPorts: readonly { readonly port: number; readonly protocol: PortProtocol }[]
  readonly env: readonly EnvVar[]
  readonly command: readonly string[]
  readonly entrypoint: readonly string[]
  readonly workingDir: string
  readonly user: string
  readonly volumes: readonly string[]
  readonly labels: Readonly<Record<string, string>>
  /** Base first. Instructions that made no layer have an empty `diffId`. */
  readonly layers: readonly ImageLayer[]
  readonly raw: unknown
}

export interface ImageLayer {
  readonly instruction: string
  readonly sizeBytes: number
  readonly createdAt: number
  /** `sha256:…`, or empty when the instruction only changed the configuration. */
  readonly diffId: string
}

// ---- hub -------------------------------------------------------------------------------------------------------

export interface HubImage {
  /** `nginx`, `bitnami/nginx` */
  readonly name: string
  readonly description: string
  readonly stars: number
  /** Absent when the source does not tell. */
  readonly pulls?: number
  readonly official: boolean
  readonly verified: boolean
}

export interface HubSearchPage {
  readonly total: number
  readonly page: number
  readonly hasMore: boolean
  readonly results: readonly HubImage[]
  /** `hub` = the Hub's API, `engine` = the engine's own search as fall-back. */
  readonly source: 'hub' | 'engine'
}

export interface HubTag {
  readonly name: string
  readonly updatedAt?: number
  readonly sizeBytes?: number
  readonly digest?: string
  readonly platforms: readonly HubPlatform[]
}

export interface HubPlatform {
  readonly os: string
  readonly architecture: string
  readonly variant?: string
  readonly sizeBytes?: number
  readonly digest?: string
}

export interface HubTagPage {
  readonly total: number
  readonly page: number
  readonly hasMore: boolean
  readonly results: readonly HubTag[]
}

// ---- ports -----------------------------------------------------------------------------------------------------

export interface PortHolder {
  readonly kind: 'container' | 'process' | 'unknown'
  readonly containerId?: string
  readonly pid?: number
  /** Container or program name; empty when it cannot be told. */
  readonly name: string
}

export interface PortCheck {
  readonly free: boolean
  readonly holder?: PortHolder
  /** Next free port above the one asked for; absent when free or when none was found. */
  readonly nearestFree?: number
  /** The port needs a privilege the engine has not (rootless below 1024). */
  readonly privileged?: boolean
}

export type Reachability = 'reachable' | 'refused' | 'timeout' | 'not-running' | 'not-testable' | 'bound-elsewhere'

export interface PublishedPort {
  readonly containerId: string
  readonly containerName: string
  readonly mapping: Required<PortMapping>
  readonly reachability: Reachability
  /** Something on it speaks HTTP. */
  readonly http: boolean
}

// ---- state mirror ----------------------------------------------------------------------------------------------

export interface RowPatch<Row> {
  readonly upsert: readonly Row[]
  readonly remove: readonly string[]
}

/** `loading` = first list not there yet; `live` = events flow; `stale` = engine does not answer, rows are the last known. */
export type SyncState = 'loading' | 'live' | 'stale'

/** Item of `state.watch`. The first item after (re)subscription and after an engine switch has `reset: true`. */
export interface StatePatch {
  readonly engineId: string | null
  /** Grows by at least one with every patch of the same engine. */
  readonly revision: number
  readonly reset: boolean
  readonly sync: SyncState
  readonly containers: RowPatch<ContainerRow>
  readonly images: RowPatch<ImageRow>
}

export interface DiskUsage {
  readonly imagesBytes: number
  readonly containersBytes: number
  readonly volumesBytes: number
  readonly buildCacheBytes: number
  readonly reclaimableBytes: number
  /** Shared bytes per image id, when the engine tells. */
  readonly sharedByImage: Readonly<Record<string, number>>
  /** Writable-layer bytes per container id. */
  readonly writableByContainer: Readonly<Record<string, number>>
}

// ---- operations ------------------------------------------------------------------------------------------------

export type OperationStatus = 'running' | 'succeeded' | 'failed' | 'cancelled'

/** One part of an operation that moves by itself, e.g. a layer of a pull. */
export interface ProgressPart {
  readonly id: string
  /** `waiting` | `downloading` | `verifying` | `downloaded` | `extracting` | `done` | `exists` | `retrying` */
  readonly state: ProgressState
  readonly currentBytes?: number
  readonly totalBytes?: number
}

export type ProgressState =
  | 'waiting'
  | 'downloading'
  | 'verifying'
  | 'downloaded'
  | 'extracting'
  | 'done'
  | 'exists'
  | 'retrying'

export interface OperationProgress {
  /** Key below `operations.step.` in the catalogues: `pulling`, `creating`, `starting`, `loading`… */
  readonly step: string
  readonly parts: readonly ProgressPart[]
  /** Bytes per second, over the last seconds; absent when nothing moves. */
  readonly bytesPerSecond?: number
}

export interface OperationRow {
  readonly id: string
  readonly name: OperationName
  readonly engineId: string
  readonly status: OperationStatus
  /** What it acts on, as a person would name it: container or image name. */
  readonly subject: string
  /** Ids of containers and images concerned: their rows show *pending* while it runs. */
  readonly targets: readonly string[]
  /** The docker command line that does the same. */
  readonly command: string
  readonly startedAt: number
  readonly endedAt?: number
  readonly progress?: OperationProgress
  readonly error?: ErrorEnvelope
  readonly cancellable: boolean
  /** JSON-able result of a success, as Operations[name].result says. */
  readonly result?: unknown
}

export type OperationName =
  | 'containers.run'
  | 'containers.create'
  | 'containers.start'
  | 'containers.stop'
  | 'containers.restart'
  | 'containers.pause'
  | 'containers.unpause'
  | 'containers.kill'
  | 'containers.rename'
  | 'containers.remove'
  | 'images.pull'
  | 'images.remove'
  | 'welcome.run'
  | 'engines.start'
  | 'engines.stop'
  | 'engines.create-context'

/** An engine event, as the Activity screen lists it. */
export interface EngineEvent {
  /** Grows by one per event of this session. */
  readonly sequence: number
  readonly at: number
  /** `container`, `image`, `network`, `volume`, `daemon`… */
  readonly type: string
  readonly action: string
  readonly id: string
  readonly name: string
}

// ---- logs ------------------------------------------------------------------------------------------------------

/** State of a log view: how many lines it holds and whether more come. Conflated: only the newest matters. */
export interface LogViewState {
  readonly viewId: string
  /** Number of the oldest line still held; grows when old lines are dropped at the cap. */
  readonly firstLine: number
  /** One past the newest line. `endLine - firstLine` lines can be asked for. */
  readonly endLine: number
  readonly bytes: number
  /** Lines dropped at the cap since the view was opened (a visible gap at the top). */
  readonly droppedLines: number
  /** Lines the engine may still have before `firstLine` (the view began at a tail). */
  readonly moreBefore: boolean
  /** `loading` first page; `following`; `ended` = container is not running; `reconnecting`; `failed` (see error). */
  readonly status: 'loading' | 'following' | 'ended' | 'reconnecting' | 'failed'
  readonly error?: ErrorEnvelope
}

/** Bits of `LogWindow.flags`. */
export const LOG_STDERR = 1
/** The line was longer than 1 MiB and was cut. */
export const LOG_CUT = 2
/** The line stands for a hole: its text is the number of missing lines in decimal. */
export const LOG_GAP = 4
/** The last line has not ended yet (no newline so far). */
export const LOG_PARTIAL = 8

/** Lines `[from, from + flags.length)` of a view. Text stays bytes until the row is painted. */
export interface LogWindow {
  readonly from: number
  /** UTF-8 of all lines one after another, without newlines. */
  readonly text: Uint8Array
  /** End offset of each line in `text`. */
  readonly ends: Uint32Array
  /** Milliseconds since 1970 of each line; NaN when the engine told none. */
  readonly times: Float64Array
  readonly flags: Uint8Array
  /** Index into the view's containers each line came from; absent while all lines are of the first. */
  readonly sources?: Uint8Array
}

/** Found places of a search; several items arrive while the scan runs, each adding to the ones before. */
export interface LogMatches {
  /** Line numbers, ascending; at most 100 000 in total (`total` goes on counting). */
  readonly lines: Uint32Array
  readonly total: number
  /** Share of the held lines scanned so far, 0..1. */
  readonly scanned: number
  readonly done: boolean
}

// ---- app -------------------------------------------------------------------------------------------------------

export interface AppInfo {
  readonly contractVersion: number
  readonly version: string
  readonly shell: 'electron' | 'web' | 'headless'
  readonly platform: string
  /** Folder that holds all of Naru's state. */
  readonly stateFolder: string
  readonly root: boolean
}

export interface Settings {
  readonly theme: 'system' | 'light' | 'dark'
  readonly locale: 'system' | 'en' | 'ko'
  /** Grace period of stop and restart, seconds. */
  readonly stopGraceSeconds: number
  /** Engine to use; `auto` = detection order. */
  readonly engine: string
  /** Sockets added by hand. */
  readonly sockets: readonly string[]
  readonly hubUrl: string
  /** Lines a log view loads first. */
  readonly logTail: number
  readonly logTimestamps: 'off' | 'local' | 'utc' | 'relative'
  readonly logWrap: boolean
  /** Most bytes one log view may keep on disk. */
  readonly logCapBytes: number
}
