/**
 * What the rest of the engine room needs of a Docker-compatible API. One instance per connected engine.
 * Every call takes a signal; every failure is a NaruError mapped in docker/errors.ts.
 */
import type { Duplex } from 'node:stream'
import type { Capabilities, EngineVersion } from '../contract/models.ts'
import type {
  RawBuildMessage,
  RawContainerInspect,
  RawContainerListItem,
  RawCreateBody,
  RawCreateResult,
  RawDiskUsage,
  RawEvent,
  RawHistoryItem,
  RawImageDeleteItem,
  RawImageInspect,
  RawImageListItem,
  RawProgress,
  RawSearchItem,
  RawStats,
} from './api-types.ts'
import type { ContainerFileCalls } from './container-files.ts'
import type { HousekeepingCalls } from './housekeeping.ts'
import type { InsideCalls } from './inside.ts'
import type { PastCalls } from './past.ts'
import type { TerminalCalls } from './terminals.ts'

export interface CallOptions {
  readonly signal?: AbortSignal
  /** Milliseconds until headers must have come; default 30 000. */
  readonly timeoutMs?: number
  /** Nobody asked for it: does not count as use of an engine that naps while it is not used. */
  readonly background?: boolean
}

export interface EngineClient extends HousekeepingCalls, InsideCalls, ContainerFileCalls, PastCalls, TerminalCalls {
  readonly version: EngineVersion
  readonly capabilities: Capabilities
  readonly ping: (options?: CallOptions) => Promise<void>
  /** Milliseconds since 1970 as the engine has them, in whole seconds; null when it does not tell. */
  readonly clock: (options?: CallOptions) => Promise<number | null>
  /** The engine's own facts, as it tells them (`docker info`). */
  readonly info: (options?: CallOptions) => Promise<Readonly<Record<string, unknown>>>
  readonly listContainers: (
    query: { readonly all: boolean; readonly ids?: readonly string[]; readonly size?: boolean },
    options?: CallOptions,
  ) => Promise<RawContainerListItem[]>
  readonly inspectContainer: (id: string, options?: CallOptions) => Promise<RawContainerInspect>
  readonly createContainer: (
    body: RawCreateBody,
    query: { readonly name?: string; readonly platform?: string },
    options?: CallOptions,
  ) => Promise<RawCreateResult>
  /** Start and stop of what is already so succeed (HTTP 304). */
  readonly startContainer: (id: string, options?: CallOptions) => Promise<void>
  readonly stopContainer: (id: string, graceSeconds: number | undefined, options?: CallOptions) => Promise<void>
  readonly restartContainer: (id: string, graceSeconds: number | undefined, options?: CallOptions) => Promise<void>
  readonly pauseContainer: (id: string, options?: CallOptions) => Promise<void>
  readonly unpauseContainer: (id: string, options?: CallOptions) => Promise<void>
  readonly killContainer: (id: string, signalName: string, options?: CallOptions) => Promise<void>
  readonly renameContainer: (id: string, name: string, options?: CallOptions) => Promise<void>
  readonly removeContainer: (
    id: string,
    query: { readonly force: boolean; readonly volumes: boolean },
    options?: CallOptions,
  ) => Promise<void>
  readonly listImages: (
    query: { readonly ids?: readonly string[]; readonly sharedSize?: boolean },
    options?: CallOptions,
  ) => Promise<RawImageListItem[]>
  readonly inspectImage: (id: string, options?: CallOptions) => Promise<RawImageInspect>
  readonly imageHistory: (id: string, options?: CallOptions) => Promise<RawHistoryItem[]>
  readonly removeImage: (
    reference: string,
    query: { readonly force: boolean; readonly noPrune: boolean },
    options?: CallOptions,
  ) => Promise<RawImageDeleteItem[]>
  /** Progress messages in order; throws when the stream carries an `error`. */
  readonly pullImage: (
    query: { readonly name: string; readonly tag?: string; readonly platform?: string; readonly auth?: string },
    options?: CallOptions,
  ) => AsyncIterable<RawProgress>
  /** Progress messages in order, the result's digest among them; throws when the stream carries an `error`. */
  readonly pushImage: (
    query: { readonly name: string; readonly tag: string; readonly auth?: string },
    options?: CallOptions,
  ) => AsyncIterable<RawProgress>
  /** Lets the engine log in at a registry. @throws NaruError `unauthorized`, `registry.unreachable` */
  readonly checkLogin: (
    auth: { readonly username?: string; readonly password?: string; readonly identitytoken?: string; readonly serveraddress: string },
    options?: CallOptions,
  ) => Promise<{ readonly identityToken: string }>
  readonly loadImage: (archive: AsyncIterable<Uint8Array>, options?: CallOptions) => AsyncIterable<RawProgress>
  /**
   * Bytes of one tar archive of the images (names or ids; at least one), as `docker save` writes it. The engine may
   * gather the whole archive before the first byte: without `timeoutMs` the wait for it has no limit. Leaving early ends
   * the export.
   */
  readonly saveImages: (names: readonly string[], options?: CallOptions) => AsyncIterable<Uint8Array>
  /**
   * Builds from a tar of the context (null: the builder asks a session for it). Messages as the engine sends them, `error` ones included: what they mean is told
   * by the whole stream. Leaving the iteration (or the signal) ends the build in the engine.
   */
  readonly buildImage: (
    context: AsyncIterable<Uint8Array> | null,
    query: Readonly<Record<string, string | number | boolean | undefined | readonly string[] | object>>,
    options: CallOptions & { readonly registryConfig?: string },
  ) => AsyncIterable<RawBuildMessage>
  /** A connection over which the builder calls back (gRPC over HTTP/2, this end serves). The caller destroys it. */
  readonly openSession: (headers: Readonly<Record<string, string | readonly string[]>>, options: CallOptions) => Promise<Duplex>
  readonly searchImages: (
    query: { readonly term: string; readonly limit: number },
    options?: CallOptions,
  ) => Promise<RawSearchItem[]>
  readonly diskUsage: (options?: CallOptions) => Promise<RawDiskUsage>
  /** Names of all volumes; the disk usage leaves out those with a mount of their own. */
  readonly volumeNames: (options?: CallOptions) => Promise<readonly string[]>
  /** Engine events from the moment it is iterated; `onOpen` fires when the engine answered (subscribe, then list). */
  readonly events: (query: {
    readonly since?: string
    readonly signal: AbortSignal
    readonly onOpen?: () => void
  }) => AsyncIterable<RawEvent>
  /** Raw bytes of `/containers/{id}/logs`: framed unless the container has a tty. No header time limit when following. */
  readonly logs: (
    id: string,
    query: {
      readonly follow: boolean
      /** Seconds with nanosecond fraction, or absent. */
      readonly since?: string
      readonly until?: string
      readonly tail?: number | 'all'
      readonly timestamps: boolean
      readonly stdout?: boolean
      readonly stderr?: boolean
      readonly signal: AbortSignal
    },
  ) => AsyncIterable<Uint8Array>
  /** One sample, without anything to compare with; an engine that knows no `one-shot` (before API 1.41) takes a second or two. */
  readonly statsOnce: (id: string, options?: CallOptions) => Promise<RawStats>
  /** One message per second while iterated. */
  readonly stats: (id: string, signal: AbortSignal) => AsyncIterable<RawStats>
  /** Drops every connection. */
  readonly close: () => void
}
