/**
 * The parts of the Engine API's answers that Naru reads (API 1.41 and later). Podman leaves out or nulls several,
 * so everything that is not an identity is optional or nullable here and normalised once, in state/normalise.ts.
 */
export interface RawPort {
  readonly IP?: string
  readonly PrivatePort: number
  readonly PublicPort?: number
  readonly Type: string
}

export interface RawContainerListItem {
  readonly Id: string
  readonly Names?: readonly string[] | null
  readonly Image: string
  readonly ImageID: string
  readonly Command?: string | null
  /** Seconds since 1970. */
  readonly Created: number | string
  readonly State: string
  readonly Status: string
  readonly Ports?: readonly RawPort[] | null
  readonly Labels?: Readonly<Record<string, string>> | null
  readonly SizeRw?: number
  readonly SizeRootFs?: number
  readonly Mounts?: readonly { readonly Name?: string; readonly Source?: string; readonly Destination?: string }[] | null
  readonly NetworkSettings?: { readonly Networks?: Readonly<Record<string, unknown>> | null } | null
}

export interface RawPortBinding {
  readonly HostIp?: string
  readonly HostPort?: string
}

export interface RawHealth {
  readonly Status?: string
  readonly FailingStreak?: number
  readonly Log?: readonly { readonly Start?: string; readonly End?: string; readonly ExitCode?: number; readonly Output?: string }[] | null
}

/** Durations in nanoseconds; 0 = the default. */
export interface RawHealthcheck {
  /** `["NONE"]`, `["CMD", …words]` or `["CMD-SHELL", line]` */
  readonly Test?: readonly string[] | null
  readonly Interval?: number
  readonly Timeout?: number
  readonly StartPeriod?: number
  readonly Retries?: number
}

export interface RawContainerInspect {
  readonly Id: string
  readonly Name: string
  readonly Created: string
  readonly Image: string
  readonly RestartCount?: number
  readonly Path?: string
  readonly Args?: readonly string[] | null
  readonly State: {
    readonly Status: string
    readonly Running?: boolean
    readonly OOMKilled?: boolean
    readonly ExitCode: number
    readonly Error?: string
    readonly StartedAt?: string
    readonly FinishedAt?: string
    readonly Health?: RawHealth | null
  }
  readonly Config: {
    readonly Image?: string
    readonly Tty?: boolean
    /** Its input can be written to (`-i`). */
    readonly OpenStdin?: boolean
    readonly Healthcheck?: RawHealthcheck | null
    readonly Env?: readonly string[] | null
    readonly Entrypoint?: readonly string[] | string | null
    readonly Cmd?: readonly string[] | null
    readonly Labels?: Readonly<Record<string, string>> | null
    readonly ExposedPorts?: Readonly<Record<string, unknown>> | null
  }
  readonly HostConfig?: {
    readonly RestartPolicy?: { readonly Name?: string; readonly MaximumRetryCount?: number } | null
    readonly AutoRemove?: boolean
    /** Bytes. */
    readonly Memory?: number
    readonly MemorySwap?: number
    readonly NanoCpus?: number
    readonly PidsLimit?: number | null
    readonly LogConfig?: { readonly Type?: string } | null
    readonly PortBindings?: Readonly<Record<string, readonly RawPortBinding[] | null>> | null
    readonly Tmpfs?: Readonly<Record<string, string>> | null
  } | null
  readonly Mounts?: readonly {
    readonly Type?: string
    readonly Name?: string
    readonly Source?: string
    readonly Destination?: string
    readonly RW?: boolean
  }[] | null
  readonly NetworkSettings?: {
    readonly Ports?: Readonly<Record<string, readonly RawPortBinding[] | null>> | null
    readonly Networks?: Readonly<
      Record<string, { readonly IPAddress?: string; readonly Aliases?: readonly string[] | null } | null>
    > | null
  } | null
}

/** Body of `POST /containers/create`. */
export interface RawCreateBody {
  readonly Image: string
  readonly [key: string]: unknown
}

export interface RawCreateResult {
  readonly Id: string
  readonly Warnings?: readonly string[] | null
}

export interface RawImageListItem {
  readonly Id: string
  readonly RepoTags?: readonly string[] | null
  readonly RepoDigests?: readonly string[] | null
  readonly Created: number
  readonly Size: number
  /** -1 when not computed. */
  readonly SharedSize?: number
  readonly Labels?: Readonly<Record<string, string>> | null
}

export interface RawImageInspect {
  readonly Id: string
  readonly RepoTags?: readonly string[] | null
  readonly RepoDigests?: readonly string[] | null
  readonly Created?: string
  readonly Size: number
  readonly Os?: string
  readonly Architecture?: string
  /** `v8`, of architectures that have some. */
  readonly Variant?: string
  readonly Author?: string
  readonly Config?: {
    readonly ExposedPorts?: Readonly<Record<string, unknown>> | null
    readonly Env?: readonly string[] | null
    readonly Cmd?: readonly string[] | null
    readonly Entrypoint?: readonly string[] | null
    readonly WorkingDir?: string
    readonly User?: string
    readonly Volumes?: Readonly<Record<string, unknown>> | null
    readonly Labels?: Readonly<Record<string, string>> | null
  } | null
  readonly RootFS?: { readonly Type?: string; readonly Layers?: readonly string[] | null } | null
  readonly GraphDriver?: { readonly Name?: string; readonly Data?: Readonly<Record<string, string>> | null } | null
}

export interface RawHistoryItem {
  readonly Id: string
  readonly Created: number
  readonly CreatedBy: string
  readonly Size: number
  readonly Comment?: string
  readonly Tags?: readonly string[] | null
}

export interface RawImageDeleteItem {
  readonly Untagged?: string
  readonly Deleted?: string
}

/** One message of a pull, push or load stream. */
export interface RawProgress {
  readonly status?: string
  readonly id?: string
  readonly progressDetail?: { readonly current?: number; readonly total?: number } | null
  readonly stream?: string
  readonly error?: string
  readonly errorDetail?: { readonly message?: string; readonly code?: number } | null
  readonly aux?: unknown
}

export interface RawSearchItem {
  readonly name: string
  readonly description?: string
  readonly star_count?: number
  readonly is_official?: boolean
}

export interface RawDiskUsage {
  readonly LayersSize?: number
  readonly Images?: readonly {
    readonly Id: string
    readonly Size?: number
    readonly SharedSize?: number
    readonly Containers?: number
  }[] | null
  readonly Containers?: readonly { readonly Id: string; readonly SizeRw?: number; readonly State?: string }[] | null
  readonly Volumes?: readonly {
    readonly Name: string
    readonly UsageData?: { readonly Size?: number; readonly RefCount?: number } | null
  }[] | null
  readonly BuildCache?: readonly RawBuildCache[] | null
}

export interface RawBuildCache {
  readonly ID?: string
  /** Engines before API 1.42. */
  readonly Parent?: string
  readonly Parents?: readonly string[] | null
  readonly Type?: string
  readonly Description?: string
  readonly InUse?: boolean
  readonly Shared?: boolean
  readonly Size?: number
  readonly CreatedAt?: string
  readonly LastUsedAt?: string | null
  readonly UsageCount?: number
}

export interface RawEvent {
  readonly Type?: string
  readonly Action?: string
  readonly status?: string
  readonly id?: string
  readonly Actor?: { readonly ID?: string; readonly Attributes?: Readonly<Record<string, string>> | null } | null
  /** Seconds since 1970. */
  readonly time?: number
  readonly timeNano?: number
}

/** Sample of `/containers/{id}/stats`; see engine/containers/stats.ts for what is computed from it. */
export interface RawStats {
  readonly read?: string
  readonly preread?: string
  readonly cpu_stats?: RawCpuStats | null
  readonly precpu_stats?: RawCpuStats | null
  readonly memory_stats?: {
    readonly usage?: number
    readonly limit?: number
    readonly stats?: Readonly<Record<string, number>> | null
  } | null
  readonly pids_stats?: { readonly current?: number; readonly limit?: number } | null
  /** By interface; absent without a network of its own. */
  readonly networks?: Readonly<Record<string, { readonly rx_bytes?: number; readonly tx_bytes?: number }>> | null
  readonly blkio_stats?: { readonly io_service_bytes_recursive?: readonly { readonly op?: string; readonly value?: number }[] | null } | null
}

export interface RawCpuStats {
  readonly cpu_usage?: { readonly total_usage?: number; readonly percpu_usage?: readonly number[] | null } | null
  readonly system_cpu_usage?: number
  readonly online_cpus?: number
  /** Podman's own; of what time is not told. */
  readonly cpu?: number
}

/** One message of `POST /build`: classic text, BuildKit's traces (`id` `moby.buildkit.trace`), or the end. */
export interface RawBuildMessage {
  readonly stream?: string
  readonly status?: string
  readonly id?: string
  /** Base64 of a trace, or `{ID}` of the image. */
  readonly aux?: unknown
  readonly error?: string
  readonly errorDetail?: { readonly message?: string; readonly code?: number } | null
  readonly progressDetail?: { readonly current?: number; readonly total?: number } | null
}
