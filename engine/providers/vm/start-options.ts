/** What a start of the machine is told. */
import type { Share } from './arguments.ts'
import type { VmPaths } from './paths.ts'
import type { HostKind } from './platform.ts'

export interface StartOptions {
  readonly paths: VmPaths
  readonly imageFolder: string
  /** Folder of the QEMU that comes with Naru; need not be there. */
  readonly qemuFolder?: string
  readonly host: HostKind
  /** The person's choices; see arguments.ts for the defaults. */
  readonly memoryMiB?: number
  readonly cpus?: number
  readonly softwareOnly?: boolean
  readonly hostLoopback?: boolean
  readonly publishEverywhere?: boolean
  readonly shares?: readonly Share[]
  /** The person agreed that the check of a damaged disk may change it. */
  readonly repair?: boolean
}
