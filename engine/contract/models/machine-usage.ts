/** What the bundled virtual machine takes: of its disk, of memory, of time. */

export interface MachineDiskUsage {
  /** Size the guest sees, bytes; it only grows. */
  readonly virtualBytes: number
  /** In use in the guest's file system, bytes; null until the guest told. */
  readonly usedBytes: number | null
  /** What the disk's file takes on this machine, bytes. */
  readonly hostBytes: number
  /** Free on this machine where the file is, bytes. */
  readonly hostFreeBytes: number
}

export interface MachineMemoryUsage {
  /** What the machine was started with, MiB. */
  readonly limitMiB: number
  /** What it has now, MiB: less than the limit while memory is given back. */
  readonly grantedMiB: number
  /** In use in the guest, its cache of files not counted, MiB; null until the guest told. */
  readonly usedMiB: number | null
  /** What the machine takes on this one, MiB. */
  readonly hostMiB: number
}

/** Why a machine that may nap does not: somebody is connected, or containers run. `counting`: it will. */
export type AwakeReason = 'off' | 'clients' | 'containers' | 'counting'

export interface MachineUsage {
  readonly disk: MachineDiskUsage
  readonly memory: MachineMemoryUsage
  readonly napping: boolean
  /** Only while it is awake. */
  readonly awakeFor?: AwakeReason
  /** When it naps if nobody comes before, milliseconds since 1970; only with `counting`. */
  readonly napAt?: number
}

/** Largest disk, bytes: the guest's file system takes no more. */
export const VM_DISK_MAX_BYTES = 8 * 1024 ** 4
/** Disks grow in steps of this, bytes. */
export const VM_DISK_STEP_BYTES = 1024 ** 3
