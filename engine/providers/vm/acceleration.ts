/** Which acceleration is tried in which order, and what is remembered of it. Pure. */
import type { AcceleratorName, MachineAcceleration, SoftwareReason } from '../../contract/models.ts'
import type { HostKind } from './platform.ts'

export type { AcceleratorName } from '../../contract/models.ts'

export interface Acceleration {
  readonly name: AcceleratorName
  /** Value of `-accel`. */
  readonly accel: string
  /** Value of `-cpu`. */
  readonly cpu: string
}

/**
 * The smaller code cache saves 200 MiB of memory at no cost that was measured. On x86 the processor does not claim fast
 * copies of single bytes (ERMS): emulated they are slow, and kernel and libraries would use them for everything.
 */
const tcg = (arch: HostKind['arch']): Acceleration => ({ name: 'tcg', accel: 'tcg,thread=multi,tb-size=80', cpu: arch === 'x64' ? 'max,-erms' : 'max' })

const kvm = (cpu: string): Acceleration => ({ name: 'kvm', accel: 'kvm', cpu })
const whpx = (cpu: string): Acceleration => ({ name: 'whpx', accel: 'whpx,kernel-irqchip=off', cpu })

/**
 * Tries in order; the last is software emulation and works everywhere.
 * - Linux: `-cpu host` may ask for registers the outer hypervisor refuses; the second try leaves the usual one out.
 * - Windows: `max` crashes on some processors (QEMU issue 1043), so a named model is tried as well.
 */
export function accelerations({ platform, arch }: HostKind): readonly Acceleration[] {
  if (platform === 'linux') return arch === 'x64' ? [kvm('host'), kvm('max,-arch-capabilities'), tcg(arch)] : [kvm('host'), tcg(arch)]
  if (platform === 'darwin') return [{ name: 'hvf', accel: 'hvf', cpu: 'host' }, tcg(arch)]
  return arch === 'x64' ? [whpx('max'), whpx('Westmere'), tcg(arch)] : [whpx('host'), tcg(arch)]
}

export const isSoftware = (acceleration: Acceleration): boolean => acceleration.name === 'tcg'

/** What worked the last time, and under which circumstances. */
export interface Remembered {
  /** See {@link memoryKey}. */
  readonly key: string
  readonly accel: string
  readonly cpu: string
  /** What did not work before it. */
  readonly tried?: MachineAcceleration['tried']
}

/** Circumstances under which an acceleration that worked (or failed) does so again. */
export function memoryKey(host: HostKind, kernel: string, qemu: string, device: DeviceState): string {
  return [host.platform, host.arch, kernel, qemu, device].join('|')
}

/** Reads a {@link Remembered} out of any value. */
export function asRemembered(value: unknown): Remembered | null {
  if (typeof value !== 'object' || value === null || !('key' in value) || !('accel' in value) || !('cpu' in value)) return null
  const { key, accel, cpu } = value
  if (typeof key !== 'string' || typeof accel !== 'string' || typeof cpu !== 'string') return null
  return { key, accel, cpu, ...('tried' in value && { tried: asTried(value.tried) }) }
}

function asTried(value: unknown): MachineAcceleration['tried'] {
  if (!Array.isArray(value)) return []
  return value.flatMap((each: unknown) => {
    const { accel, why } = Object(each) as Record<string, unknown>
    return typeof accel === 'string' && typeof why === 'string' ? [{ accel, why }] : []
  })
}

export interface ChoiceOptions {
  /** The person wants no hardware acceleration. */
  readonly softwareOnly?: boolean
  readonly remembered: Remembered | null
  /** The present circumstances. */
  readonly key: string
  /** False when the device behind an accelerator cannot be opened by QEMU: it is not even tried. */
  readonly usable: (name: AcceleratorName) => boolean
}

/** What to try now, best first; never empty. What worked under the same circumstances comes first, then only software. */
export function chooseAccelerations(host: HostKind, { softwareOnly = false, remembered, key, usable }: ChoiceOptions): readonly Acceleration[] {
  const all = accelerations(host).filter((each) => isSoftware(each) || (!softwareOnly && usable(each.name)))
  if (remembered?.key !== key) return all
  const known = all.find((each) => each.accel === remembered.accel && each.cpu === remembered.cpu)
  if (!known) return all
  return isSoftware(known) ? [known] : [known, ...all.filter(isSoftware)]
}

/** Whether the device behind the hardware's help can be used: `usable`, not there, or closed to this user. */
export type DeviceState = 'usable' | 'absent' | 'denied'

/** An acceleration as it is told to a person. `tried`: what failed before it, now or when it was remembered. */
export function describeAcceleration(acceleration: Acceleration, tried: MachineAcceleration['tried'], how: { readonly softwareOnly: boolean; readonly device: DeviceState }): MachineAcceleration {
  const software = isSoftware(acceleration)
  const why: SoftwareReason = how.softwareOnly ? 'chosen' : how.device === 'usable' ? 'failed' : how.device
  return { name: acceleration.name, software, ...(software && { why }), tried }
}
