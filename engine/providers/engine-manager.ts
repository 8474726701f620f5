/** What the engine manager needs and offers; manager.ts makes one. */
import type { EnginePhase, EnginesSnapshot, Settings } from '../contract/models.ts'
import type { ConnectEngine, EngineConnection } from './connection.ts'
import type { EngineProvider } from './provider.ts'
import type { ProviderRegistry } from './registry.ts'
import type { ResetOptions } from './reset.ts'
import type { Timings } from './timings.ts'

export type { ResetOptions } from './reset.ts'

export type EngineSettings = Pick<Settings, 'engine' | 'sockets' | 'stopGraceSeconds'>

/** The part of the settings store the manager needs. */
export interface SettingsAccess {
  readonly get: () => EngineSettings
  readonly update: (patch: Partial<Pick<Settings, 'engine' | 'sockets'>>) => Promise<unknown>
  /** Told after every change; returns the way to stop that. */
  readonly onChange: (listener: (now: EngineSettings, before: EngineSettings) => void) => () => void
}

export interface EngineManagerOptions {
  /** Providers that are always there (native…), in order of preference after the sockets. */
  readonly providers: readonly EngineProvider[]
  readonly registry: ProviderRegistry
  readonly connect: ConnectEngine
  readonly settings: SettingsAccess
  /** Milliseconds since 1970. */
  readonly now?: () => number
  readonly random?: () => number
  readonly log?: (line: string) => void
  readonly timings?: Partial<Timings>
}

export interface StartEngineOptions {
  readonly signal: AbortSignal
  readonly report?: (phase: EnginePhase) => void
  /** Lets the check of a damaged disk change it; the person agreed. */
  readonly repair?: boolean
}

export interface StopEngineOptions extends StartEngineOptions {
  /** `keep` leaves them running, they outlive the daemon; `stop` stops them through the API first. */
  readonly containers: 'keep' | 'stop'
}

export interface EngineManager {
  readonly snapshot: () => EnginesSnapshot
  /** Begins with the present snapshot; a slow reader gets the newest. */
  readonly watch: (signal: AbortSignal) => AsyncIterable<EnginesSnapshot>
  /** Looks for engines (again). Resolves when each is known or the time to wait is over. */
  readonly detect: () => Promise<EnginesSnapshot>
  /** Makes it the explicit choice and the current engine; a stopped one is started. */
  readonly select: (engineId: string) => Promise<void>
  readonly retry: (engineId: string) => Promise<void>
  /** Adds a socket after its engine answered. @throws NaruError why it is none (`engine.not-an-engine`, `denied`…) */
  readonly addSocket: (path: string, signal?: AbortSignal) => Promise<{ readonly engineId: string }>
  /** Only for engines added by hand. */
  readonly forget: (engineId: string) => Promise<void>
  /** Resolves when it is ready. Abort gives a start up and undoes it. */
  readonly startEngine: (engineId: string, options: StartEngineOptions) => Promise<void>
  /** Bytes an engine that Naru brings takes on this machine; null when that cannot be told. @throws NaruError `unsupported` */
  readonly dataBytes: (engineId: string, signal: AbortSignal) => Promise<number | null>
  /** Everything in it goes. @throws NaruError `unsupported`, `conflict` */
  readonly resetEngine: (engineId: string, options: ResetOptions) => Promise<void>
  /** Abort works while containers are being stopped; the daemon's own stop is always finished. */
  readonly stopEngine: (engineId: string, options: StopEngineOptions) => Promise<void>
  /** @throws NaruError `not-found`, `engine.starting`, `engine.unreachable`, or why it cannot be used (`denied`…) */
  readonly connection: (engineId: string) => EngineConnection
  /** Connection of the current engine; null while it has none. */
  readonly currentConnection: () => EngineConnection | null
  /** Told of every new connection of any engine; its loss is the connection's own signal. */
  readonly onConnection: (listener: (connection: EngineConnection) => void) => () => void
  /** Told when another engine became the current one (null: none). Its connection may exist already or come later. */
  readonly onCurrent: (listener: (engineId: string | null) => void) => () => void
  /** Lets every engine go; nothing is stopped. */
  readonly close: () => Promise<void>
}
