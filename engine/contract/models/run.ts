/**
 * What a container is made from. Sizes, durations and short lists are texts as `docker run` reads them (`512m`, `1m30s`,
 * `nofile=1024:2048`): the person's own writing survives the way from the command line to the form and back.
 */
import type { EnvVar, PortProtocol, RestartPolicy } from './containers.ts'

/** Member of a `-p` list; strings as the person wrote them, empty when absent (see engine/ports/spec.ts). */
export interface PortSpec {
  readonly containerPort: string
  readonly protocol: PortProtocol
  readonly hostIp: string
  readonly hostPort: string
}

/** Member of a `-v` list. */
export interface VolumeSpec {
  /** Host path (bind) or volume name; empty = anonymous volume. */
  readonly source: string
  readonly target: string
  readonly readOnly: boolean
  /** Third part of `-v`, unless it is just `ro`: `z`, `ro,rslave`, `nocopy`. Holds the `ro` of `readOnly` too. */
  readonly mode?: string
}

export type MountType = 'bind' | 'volume' | 'tmpfs' | 'image'

/** A `--mount` that `-v` cannot say. Which members count depends on `type`. */
export interface MountSpec {
  readonly type: MountType
  /** Host path, volume name or image; absent for tmpfs and anonymous volumes. */
  readonly source?: string
  readonly target: string
  readonly readOnly?: boolean
  readonly consistency?: string
  /** bind */
  readonly propagation?: 'private' | 'rprivate' | 'shared' | 'rshared' | 'slave' | 'rslave'
  readonly recursive?: 'enabled' | 'disabled' | 'writable' | 'readonly'
  /** volume */
  readonly noCopy?: boolean
  readonly labels?: Readonly<Record<string, string>>
  readonly driver?: string
  readonly driverOptions?: Readonly<Record<string, string>>
  /** volume and image: folder inside. */
  readonly subpath?: string
  /** tmpfs: a size (`64m`) and an octal mode (`1777`). */
  readonly tmpfsSize?: string
  readonly tmpfsMode?: string
}

/** One `--network`; the first one also takes `--network-alias`, `--ip`, `--ip6`, `--link-local-ip`, `--mac-address`. */
export interface NetworkSpec {
  /** A network, `default`, `bridge`, `host`, `none` or `container:NAME`. */
  readonly name: string
  readonly aliases?: readonly string[]
  readonly ip?: string
  readonly ip6?: string
  readonly linkLocalIps?: readonly string[]
  readonly macAddress?: string
  readonly driverOptions?: Readonly<Record<string, string>>
  readonly gatewayPriority?: number
}

export type AttachStream = 'stdin' | 'stdout' | 'stderr'
type Texts = readonly string[]
type Pairs = Readonly<Record<string, string>>

/** Who runs what, and how it is started and stopped. */
export interface RunProcess {
  /** False = the command line attaches (`docker run` without `-d`). */
  readonly detach?: boolean
  /** Only with `detach: false`. */
  readonly attach?: readonly AttachStream[]
  readonly interactive?: boolean
  readonly tty?: boolean
  /** One word; empty = the image's is taken away. */
  readonly entrypoint?: string
  readonly workdir?: string
  readonly user?: string
  readonly groupAdd?: Texts
  readonly hostname?: string
  readonly domainname?: string
  readonly init?: boolean
  readonly stopSignal?: string
  /** Seconds; -1 = for ever. */
  readonly stopTimeout?: number
  /** `-e NAME` without a value: taken away from what the image sets. */
  readonly envNames?: Texts
  /** Absolute paths of files the engine room reads when the container is made. */
  readonly envFiles?: Texts
  readonly labelFiles?: Texts
  readonly annotations?: Pairs
}

export interface RunNetworking {
  readonly networks?: readonly NetworkSpec[]
  /** `80`, `53/udp`, `8000-8010`. */
  readonly expose?: Texts
  readonly publishAll?: boolean
  readonly links?: Texts
  readonly dns?: Texts
  readonly dnsSearch?: Texts
  readonly dnsOptions?: Texts
  /** `name:ip`, `name=ip`, `name:host-gateway`. */
  readonly extraHosts?: Texts
}

export interface RunStorage {
  readonly mounts?: readonly MountSpec[]
  /** `/path` or `/path:size=64m,mode=1777`. */
  readonly tmpfs?: Texts
  readonly volumesFrom?: Texts
  readonly volumeDriver?: string
  readonly storageOptions?: Pairs
  readonly readOnlyRoot?: boolean
}

export interface RunLimits {
  readonly memory?: string
  readonly memoryReservation?: string
  /** `-1` = without limit. */
  readonly memorySwap?: string
  readonly memorySwappiness?: number
  readonly oomKillDisable?: boolean
  readonly oomScoreAdj?: number
  /** `1.5` */
  readonly cpus?: string
  readonly cpuShares?: number
  /** Microseconds, as the three below. */
  readonly cpuPeriod?: number
  readonly cpuQuota?: number
  readonly cpuRtPeriod?: number
  readonly cpuRtRuntime?: number
  readonly cpusetCpus?: string
  readonly cpusetMems?: string
  readonly pidsLimit?: number
  readonly shmSize?: string
  /** `nofile=1024:2048` */
  readonly ulimits?: Texts
  readonly blkioWeight?: number
  /** `/dev/sda:200` */
  readonly blkioWeightDevices?: Texts
  /** `/dev/sda:1mb` */
  readonly deviceReadBps?: Texts
  readonly deviceWriteBps?: Texts
  /** `/dev/sda:1000` */
  readonly deviceReadIops?: Texts
  readonly deviceWriteIops?: Texts
}

/** What the container may do to the machine. */
export interface RunSecurity {
  readonly privileged?: boolean
  readonly capAdd?: Texts
  readonly capDrop?: Texts
  /** `no-new-privileges`, `seccomp=/path/profile.json`, `label=disable`. */
  readonly securityOptions?: Texts
  readonly userns?: string
  readonly cgroupns?: string
  readonly cgroupParent?: string
  readonly ipc?: string
  readonly pid?: string
  readonly uts?: string
  readonly sysctls?: Pairs
  readonly runtime?: string
  readonly isolation?: string
  /** `/dev/fuse`, `/dev/a:/dev/b:rw`, `vendor.com/class=name`. */
  readonly devices?: Texts
  readonly deviceCgroupRules?: Texts
  /** `all`, `2`, `device=0`. */
  readonly gpus?: Texts
}

export interface RunHealth {
  readonly noHealthcheck?: boolean
  readonly healthCmd?: string
  /** Durations as Go reads them: `30s`, `1m30s`. */
  readonly healthInterval?: string
  readonly healthTimeout?: string
  readonly healthStartPeriod?: string
  readonly healthStartInterval?: string
  readonly healthRetries?: number
  readonly logDriver?: string
  readonly logOptions?: Pairs
}

/** What the run panel asks for. Absent always means "the engine's default". */
export interface RunSpec extends RunProcess, RunNetworking, RunStorage, RunLimits, RunSecurity, RunHealth {
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
  /** Progress of the pull is not wanted (`-q`). */
  readonly quiet?: boolean
  readonly platform?: string
  readonly labels?: Readonly<Record<string, string>>
}

/** What stands at a path of this machine; `unknown` when it may not be looked at. */
export type PathKind = 'folder' | 'file' | 'other' | 'missing' | 'unknown'
