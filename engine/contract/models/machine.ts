/** The bundled virtual machine: what it is made of, what was chosen for it, how its newest start went. */

import type { ErrorEnvelope } from '../errors.ts'

/** A folder of this machine that the virtual machine shows at the same path. */
export interface VmFolder {
  /** Absolute. */
  readonly path: string
  readonly readonly: boolean
}

/** What the person chose; what is absent is chosen by Naru. All but the nap takes effect at the machine's next start. */
export interface VmSettings {
  /** MiB, {@link VM_MEMORY_FLOOR_MIB} or more. Absent: 1 024 in software emulation, else 2 048. */
  readonly memoryMiB?: number
  /** Absent: half of this machine's, two to four; in software emulation one or two. */
  readonly cpus?: number
  /** Absent: the home folder. */
  readonly folders?: readonly VmFolder[]
  /** Containers may reach what listens on this machine's loopback. Absent: they may not. */
  readonly hostLoopback?: boolean
  /** Ports published without an address are open to the whole network. Absent: to this computer alone. */
  readonly publishEverywhere?: boolean
  /** Hardware acceleration is not tried. */
  readonly softwareOnly?: boolean
  /** Minutes without use until it is paused; 0 = never. Absent: {@link VM_NAP_MINUTES}. */
  readonly napMinutes?: number
  /** Running containers are paused with it when nobody speaks to them. Absent: it naps only while none runs. */
  readonly napWithContainers?: boolean
}

/** Minutes until the nap when nothing else was chosen. */
export const VM_NAP_MINUTES = 5

/** Least memory that boots and answers with room for a container. */
export const VM_MEMORY_FLOOR_MIB = 512
/** Each shared folder is a device of its own. */
export const VM_FOLDERS_MAX = 16

export type AcceleratorName = 'kvm' | 'hvf' | 'whpx' | 'tcg'

/**
 * Why software emulation is used: `chosen` by the person; `absent`, `denied`: the device behind the hardware's help is
 * not there, or this user may not open it; `failed`: it was tried and the machine did not boot with it.
 */
export type SoftwareReason = 'chosen' | 'absent' | 'denied' | 'failed'

export interface MachineAcceleration {
  readonly name: AcceleratorName
  /** Emulated by a program: about ten times slower. */
  readonly software: boolean
  /** Only when `software`. */
  readonly why?: SoftwareReason
  /** What was tried before and how it failed, English, best first. */
  readonly tried: readonly { readonly accel: string; readonly why: string }[]
}

/** `bundled`: the one that comes with Naru; `machine`: the one that was found on this machine. */
export type QemuOrigin = 'bundled' | 'machine'

/** What a machine is started with. */
export interface MachineFacts {
  readonly memoryMiB: number
  readonly cpus: number
  readonly folders: readonly VmFolder[]
  readonly hostLoopback: boolean
  readonly publishEverywhere: boolean
}

/** A step of a start; `step` as in {@link EnginePhase}. */
export interface MachinePhase {
  readonly step: string
  readonly since: number
  /** Milliseconds; absent while it is under way, or when the start ended in it. */
  readonly tookMs?: number
  /** When it is given up, milliseconds after `since`. */
  readonly limitMs: number
}

/** Parts of {@link VmSettings} that differ from what the running machine was started with. */
export type MachineChange = 'memory' | 'cpus' | 'folders' | 'loopback' | 'publish' | 'acceleration'

export interface MachineState extends MachineFacts {
  readonly engineId: string
  /** A machine runs; else the facts are those of the next start. */
  readonly running: boolean
  /** Of QEMU; empty when it is not known (yet). */
  readonly qemuVersion: string
  /** Which QEMU it runs in, or would at its next start; null when there is none, or it is not known. */
  readonly qemuOrigin: QemuOrigin | null
  /** Of the running machine, else what the next start would take; null when nothing is known. */
  readonly acceleration: MachineAcceleration | null
  /** What the engine of the running machine took for the start of a container, milliseconds (the middle of the newest five); null before the first. */
  readonly containerStartMs: number | null
  /** Not empty: these take effect when the machine starts again. */
  readonly restartFor: readonly MachineChange[]
  /** What may be chosen here. */
  readonly limits: { readonly memoryMiB: number; readonly cpus: number }
  /** Of the start under way or the newest one that Naru made; empty when it found the machine running. */
  readonly phases: readonly MachinePhase[]
}

/** What it takes to show a path of this machine to containers in the virtual one. */
export interface FolderOffer {
  /** The folder to share: the path itself, or the one a file lies in. */
  readonly folder: string
  /** The path is a file in {@link folder}. */
  readonly ofFile: boolean
  /** It is on the list already, by itself or inside another: only the restart is missing. */
  readonly listed: boolean
  /** Folders of the list inside it; shared in the same way they leave the list. */
  readonly inside: readonly VmFolder[]
  /** Why it cannot be shared. */
  readonly problem?: ErrorEnvelope
}
