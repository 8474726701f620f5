/** Which acceleration is tried in which order, and what is remembered of it. Pure. */
import type { HostKind } from './platform.ts'

export type AcceleratorName = 'kvm' | 'hvf' | 'whpx' | 'tcg'

export interface Acceleration {
  readonly name: AcceleratorName
  /** Value of `-accel`. */
  readonly accel: string
  /** Value of `-cpu`. */
  readonly cpu: string
}

/** The smaller code cache saves 200 MiB of memory at no cost that was measured. */
const TCG: Acceleration = { name: 'tcg', accel: 'tcg,thread=multi,tb-size=64', cpu: 'max' }

const kvm = (cpu: string): Acceleration => ({ name: 'kvm', accel: 'kvm', cpu })
const whpx = (cpu: string): Acceleration => ({ name: 'whpx', accel: 'whpx,kernel-irqchip=off', cpu })

/**
 * Tries in order; the last is software emulation and works everywhere.
 * - Linux: `-cpu host` may ask for registers the outer hypervisor refuses; the second try leaves the usual one out.
 * - Windows: `max` crashes on some processors (QEMU issue 1043), so a named model is tried as well.
 */
export function accelerations({ platform, arch }: HostKind): readonly Acceleration[] {
  if (platform === 'linux') return arch === 'x64' ? [kvm('host'), kvm('max,-arch-capabilities'), TCG] : [kvm('host'), TCG]
  if (platform === 'darwin') return [{ name: 'hvf', accel: 'hvf', cpu: 'host' }, TCG]
  return arch === 'x64' ? [whpx('max'), whpx('Westmere'), TCG] : [whpx('host'), TCG]
}

export const isSoftware = (acceleration: Acceleration): boolean => acceleration.name === 'tcg'

/** What worked the last time, and under which circumstances. */
export interface Remembered {
  /** See {@link memoryKey}. */
  readonly key: string
  readonly accel: string
  readonly cpu: string
}

/** Circumstances under which an acceleration that worked (or failed) does so again. */
export function memoryKey(host: HostKind, kernel: string, qemu: string): string {
  return [host.platform, host.arch, kernel, qemu].join('|')
}

/** Reads a {@link Remembered} out of any value. */
export function asRemembered(value: unknown): Remembered | null {
  if (typeof value !== 'object' || value === null || !('key' in value) || !('accel' in value) || !('cpu' in value)) return null
  const { key, accel, cpu } = value
  return typeof key === 'string' && typeof accel === 'string' && typeof cpu === 'string' ? { key, accel, cpu } : null
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
