/** Booting with the best acceleration that works, and remembering which one does. */
import { availableParallelism, release } from 'node:os'
import { NaruError } from '../../contract/errors.ts'
import type { MachineAcceleration, MachineFacts, QemuOrigin } from '../../contract/models.ts'
import type { ProcessRef } from '../../system/processes.ts'
import type { StartContext } from '../provider.ts'
import { chooseAccelerations, describeAcceleration, isSoftware, memoryKey } from './acceleration.ts'
import type { Acceleration, DeviceState } from './acceleration.ts'
import { defaultSize } from './arguments.ts'
import type { GuestImage } from './image.ts'
import { accelerationDevice, launch, readMemory, writeMemory } from './launch.ts'
import type { Qemu } from './qemu.ts'
import type { StartOptions } from './start-options.ts'
import { BOOT_LIMITS, bootWatched, headOfFile } from './watchdog.ts'
import type { Booted } from './watchdog.ts'

export interface Ingredients {
  readonly programs: Qemu
  readonly image: GuestImage
  /** QEMU's. */
  readonly version: string
}

export interface BootedMachine {
  readonly process: ProcessRef
  readonly acceleration: MachineAcceleration
  /** What it was started with. */
  readonly facts: MachineFacts
  readonly qemu: QemuOrigin | null
}

const nameOf = ({ accel, cpu }: Acceleration): string => `${accel} -cpu ${cpu}`

/** What is left to try in one start, and what was. */
export class BootChoice {
  readonly device: DeviceState
  #left: readonly Acceleration[]
  #tried: MachineAcceleration['tried']
  #now: Acceleration | undefined
  /** What failed after its guest's first program may work the next time: nothing is remembered then. */
  #late = false
  readonly #remember: (chosen: Acceleration, tried: MachineAcceleration['tried']) => Promise<void>

  /** @param remember called with what worked; never after a late failure */
  constructor(device: DeviceState, candidates: readonly Acceleration[], tried: MachineAcceleration['tried'], remember: (chosen: Acceleration, tried: MachineAcceleration['tried']) => Promise<void>) {
    this.device = device
    this.#left = candidates
    this.#tried = tried
    this.#remember = remember
  }

  get left(): readonly Acceleration[] {
    return this.#left
  }

  get tried(): MachineAcceleration['tried'] {
    return this.#tried
  }

  /** Milliseconds that getting to userspace may take in the worst case. */
  limitMs(): number {
    return this.#left.reduce((sum, each) => sum + (isSoftware(each) ? BOOT_LIMITS.softwareUserspaceMs : BOOT_LIMITS.userspaceMs), 0)
  }

  /** One of those left did not get to userspace. */
  failed(acceleration: Acceleration, why: string): void {
    this.#tried = [...this.#tried, { accel: nameOf(acceleration), why }]
    this.#take(acceleration)
  }

  /** One of those left got to userspace. */
  booted(acceleration: Acceleration): void {
    this.#now = acceleration
    this.#take(acceleration)
  }

  /** The engine of the one that booted answers. */
  async worked(): Promise<void> {
    if (this.#now && !this.#late) await this.#remember(this.#now, this.#tried)
  }

  /**
   * The one that booted went wrong afterwards. True when another is to be tried: what a person has to decide (their disk
   * is refused, or full) is no question of acceleration, and after software emulation comes nothing.
   */
  failedLate(error: unknown): boolean {
    const now = this.#now
    const isDisk = error instanceof NaruError && (error.hint?.startsWith('vm-disk-') ?? false)
    if (!now || isSoftware(now) || isDisk || this.#left.length === 0) return false
    this.#late = true
    this.#tried = [...this.#tried, { accel: nameOf(now), why: error instanceof Error ? error.message : String(error) }]
    return true
  }

  /** Those before it are done with as well. */
  #take(acceleration: Acceleration): void {
    this.#left = this.#left.slice(this.#left.indexOf(acceleration) + 1)
  }
}

/** What may be tried here, by what worked before under the same circumstances. */
export async function planBoot({ paths, host, softwareOnly = false }: StartOptions, version: string): Promise<BootChoice> {
  const [remembered, device] = await Promise.all([readMemory(paths), accelerationDevice()])
  const key = memoryKey(host, release(), version, device)
  const candidates = chooseAccelerations(host, { softwareOnly, remembered, key, usable: (name) => name !== 'kvm' || device === 'usable' })
  return new BootChoice(device, candidates, remembered?.key === key ? (remembered.tried ?? []) : [], async ({ accel, cpu }, tried) => {
    if (!softwareOnly) await writeMemory(paths, { key, accel, cpu, tried })
  })
}

/** Boots with what works of the choice. @throws NaruError what `bootWatched` throws */
export async function boot(options: StartOptions, { programs, image, version }: Ingredients, choice: BootChoice, context: StartContext): Promise<BootedMachine> {
  const { paths, host, softwareOnly = false, hostLoopback = false, publishEverywhere = false, shares = [], repair = false } = options
  let started: BootedMachine | undefined
  const launched = async (candidate: Acceleration): Promise<Booted['attempt']> => {
    const size = defaultSize(candidate, availableParallelism())
    const { kernel, initrd, root } = image
    const facts = {
      cpus: options.cpus ?? size.cpus,
      memoryMiB: options.memoryMiB ?? size.memoryMiB,
      folders: shares.map(({ path, readonly }) => ({ path, readonly })),
      hostLoopback,
      publishEverywhere,
    }
    const machine = { host, version, kernel, initrd, root, shares, repair, ...facts, data: paths.data, api: paths.api, qmp: paths.qmp, serialLog: paths.console }
    const acceleration = describeAcceleration(candidate, choice.tried, { softwareOnly, device: choice.device })
    const attempt = await launch({ paths, emulator: programs.emulator, machine, told: { acceleration, facts, qemu: programs.origin } }, candidate)
    started = { process: attempt.process, acceleration, facts, qemu: programs.origin }
    return attempt
  }
  const booted = await bootWatched({
    candidates: choice.left,
    signal: context.signal,
    console: () => headOfFile(paths.console),
    onFailure: ({ acceleration, why, tookMs }) => {
      context.log(`${nameOf(acceleration)}: ${why} (${tookMs} ms)`)
      choice.failed(acceleration, why)
    },
    launch: launched,
  })
  if (!started) throw new NaruError('internal', 'a machine booted without a process')
  choice.booted(booted.acceleration)
  context.log(`userspace after ${booted.userspaceMs} ms with ${booted.acceleration.accel}`)
  return started
}
