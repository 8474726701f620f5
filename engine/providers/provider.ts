/**
 * How an engine is obtained. Providers differ only in how they *dial*; everything above speaks to what answers.
 */
import type { Duplex } from 'node:stream'
import type { ErrorEnvelope } from '../contract/errors.ts'
import type { EnginePhase, ProviderKind } from '../contract/models.ts'
import type { RestartPlan } from './retry.ts'

/** What a provider found out without changing anything. */
export interface Detection {
  /** `running` = dial works now; `startable` = start() can bring it up; `absent` = cannot be had here (see error). */
  readonly state: 'running' | 'startable' | 'absent'
  readonly error?: ErrorEnvelope
}

export interface StartContext {
  readonly signal: AbortSignal
  /** Tells the step that begins; `since` and `lastLine` are filled in by the receiver. */
  readonly report: (phase: Omit<EnginePhase, 'since'>) => void
  readonly log: (line: string) => void
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** The person agreed that a damaged disk may be changed by its check. */
  readonly repair?: boolean
}

/** Why a handle ended: `stopped` by us, `exited` by itself (crash, kill), `lost` = cannot be reached. */
export interface EndReason {
  readonly kind: 'stopped' | 'exited' | 'lost'
  readonly error?: ErrorEnvelope
}

/** What holds an engine up that is alive: this machine's full disk, say. */
export interface Trouble {
  /** Null while all is well. */
  readonly now: () => ErrorEnvelope | null
  /** Calls back after every change until the returned function is called. */
  readonly onChange: (listener: () => void) => () => void
}

/** The sleep of an engine nobody uses; whoever comes wakes it. */
export interface EngineNap {
  /** True while it sleeps or is about to: what nobody asked for is not asked then. */
  readonly resting: () => boolean
  /** Calls back when `resting` may have changed, until the returned function is called. */
  readonly onChange: (listener: () => void) => () => void
}

/** A published port that is not open on this machine although its container runs. */
export interface ClosedPort {
  readonly containerId: string
  /** Address it is asked for. */
  readonly hostIp: string
  readonly hostPort: number
  readonly protocol: 'tcp' | 'udp'
  /** The system's word: `EADDRINUSE`, `EACCES`, `EADDRNOTAVAIL`… */
  readonly code: string
}

/** Published ports as this machine has them. What is closed is tried again until it opens or its container stops. */
export interface HostPortStates {
  readonly closed: () => readonly ClosedPort[]
  /** Calls back when `closed` says something else, until the returned function is called. */
  readonly onChange: (listener: () => void) => () => void
}

/** One handle is both "running" and "ended". */
export interface EngineHandle {
  /** A fresh connection to the engine's API socket. Rejects with a NaruError (`engine.unreachable`, `denied`…). */
  readonly dial: (signal?: AbortSignal) => Promise<Duplex>
  /** `unix:///…` when the docker CLI can use it. */
  readonly dockerHost?: string
  /** The daemon was already running and was adopted, not started. */
  readonly adopted: boolean
  /**
   * Only of engines that do not see the whole machine: folders they see, at their own path. Others would be silently
   * empty in a container.
   */
  readonly folders?: readonly string[]
  readonly trouble?: Trouble
  /** Only of engines that sleep while nobody uses them. */
  readonly nap?: EngineNap
  /** Only of engines whose published ports are opened by Naru: a port that is taken does not keep their containers from starting. */
  readonly hostPorts?: HostPortStates
  /** Resolves once, when the engine is gone. Never rejects. */
  readonly ended: Promise<EndReason>
  /** Stop ladder; resolves when nothing is left. Only for managed engines; otherwise it just lets go. */
  readonly stop: (options: { readonly graceMs: number }) => Promise<void>
  /** Lets go without stopping: Naru quits, the engine lives on. */
  readonly release: () => void
  /**
   * Only of engines with a loopback of their own: makes `127.0.0.1:port` of this machine (a registry, a proxy) reachable
   * at the same address there until closed.
   */
  readonly hostLoopback?: (port: number, signal: AbortSignal) => Promise<{ close(): void }>
}

/** What an engine that Naru brings keeps on this machine. */
export interface EngineData {
  /** Bytes it takes; null when that cannot be told. */
  readonly bytes: (signal: AbortSignal) => Promise<number | null>
  /**
   * Deletes all of it, and nothing else. The engine must be stopped; what is left of its processes is ended.
   * @throws NaruError `conflict` while it runs
   */
  readonly wipe: () => Promise<void>
}

export interface EngineProvider {
  /** Stable id of the engine it yields: `native`, `socket:/run/user/1000/podman/podman.sock`. */
  readonly id: string
  readonly kind: ProviderKind
  /** A proper name when the source has one (a docker context's), else empty. */
  readonly name: string
  readonly origin: string
  /** True when start() and stop() really start and stop a daemon. */
  readonly managed: boolean
  /** `unix:///…` when it is known before the engine runs; lets its socket be told apart from foreign ones. */
  readonly dockerHost?: string
  /** Only of engines that Naru brings. */
  readonly data?: EngineData
  /** How it is started again when it ends by itself; default: see timings.ts. */
  readonly restarts?: RestartPlan
  readonly detect: (signal: AbortSignal) => Promise<Detection>
  readonly start: (context: StartContext) => Promise<EngineHandle>
}
