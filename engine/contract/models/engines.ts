import type { ErrorEnvelope } from '../errors.ts'

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
  /** The step is given up this many milliseconds after `since`; absent when it has no such end. */
  readonly limitMs?: number
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
  /** It sleeps because nobody uses it; whoever comes wakes it. Still `ready`. */
  readonly napping?: boolean
}

export interface EnginesSnapshot {
  readonly engines: readonly EngineSummary[]
  /** Engine every screen shows now; null while none was found. */
  readonly currentId: string | null
  /** True while the first detection still runs. */
  readonly detecting: boolean
}
