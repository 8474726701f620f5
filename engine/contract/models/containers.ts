import type { PortConflict } from './ports.ts'

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

/** A port of a listed container. */
export interface RowPort extends PortMapping {
  /** It is published and its container runs, and yet it is not open on this machine. Only of engines whose ports Naru opens. */
  readonly conflict?: PortConflict
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
  readonly ports: readonly RowPort[]
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
  /** Its input can be written to (`-i`). */
  readonly interactive: boolean
  readonly command: readonly string[]
  readonly env: readonly EnvVar[]
  readonly ports: readonly PortMapping[]
  readonly mounts: readonly MountInfo[]
  readonly networks: readonly NetworkAttachment[]
  readonly labels: Readonly<Record<string, string>>
  readonly restartPolicy: RestartPolicy
  readonly limits: ContainerLimits
  readonly autoRemove: boolean
  readonly logDriver: string
  /** False when the log driver keeps nothing that can be read back. */
  readonly logsReadable: boolean
  /** Absent when it has no health check. */
  readonly healthCheck?: HealthCheck
  readonly raw: unknown
}

/** A health check as it is configured, and what the last ones said. Durations with the engine's defaults filled in. */
export interface HealthCheck {
  /** `shell`: one line for the container's shell; else the words of a command. */
  readonly shell: boolean
  readonly words: readonly string[]
  readonly intervalMs: number
  readonly timeoutMs: number
  /** Failures so soon after the start do not count. */
  readonly startPeriodMs: number
  /** Failures in a row that make it unhealthy. */
  readonly retries: number
  readonly failingStreak: number
  /** Newest first; the engine keeps the last few. */
  readonly checks: readonly HealthProbe[]
}

export interface HealthProbe {
  readonly startedAt: number
  /** Milliseconds; absent when the engine does not tell its end. */
  readonly tookMs?: number
  /** 0 healthy, 1 not; -1 when it ran longer than it may. */
  readonly exitCode: number
  /** What it printed; the engine keeps the first 4 096 bytes. */
  readonly output: string
}

/** 0 = not limited, everywhere. */
export interface ContainerLimits {
  readonly memoryBytes: number
  /** Memory and swap together; -1 = as much swap as there is. */
  readonly memorySwapBytes: number
  readonly cpus: number
  readonly pidsLimit: number
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

/** How often figures are wanted: `live` while somebody watches one container, `resting` while nobody touches the window. */
export type StatsPace = 'live' | 'normal' | 'resting'

export type StatFigure = 'cpu' | 'memory' | 'network' | 'disk' | 'pids'

/** `first`: there is nothing to compare with yet. `not-told`: the engine's sample says nothing of it. */
export type UnknownFigure = 'first' | 'not-told'

/** Bytes received and sent, or read and written, since the container started. */
export interface Flow {
  readonly inBytes: number
  readonly outBytes: number
  /** Bytes per second since the sample before; null for a first sample. */
  readonly inPerSecond: number | null
  readonly outPerSecond: number | null
}

/** Figures of one container at one moment, computed as `docker stats` does. Null is what is not known; `unknown` says why. */
export interface ContainerStats {
  readonly id: string
  /** When the sample was taken, by the clock of the engine room, ms. */
  readonly at: number
  /** Of one core, since the sample before; 100 per busy core. */
  readonly cpuPercent: number | null
  /** Of the engine's machine. */
  readonly cores: number | null
  readonly memoryBytes: number | null
  /** What it can have at most: without a limit of its own most engines tell the machine's memory. 0 when none is told. */
  readonly memoryLimitBytes: number
  readonly network: Flow | null
  readonly disk: Flow | null
  readonly pids: number | null
  /** 0 when none is told. */
  readonly pidsLimit: number
  readonly unknown: { readonly [Figure in StatFigure]?: UnknownFigure }
}
