/** What the next start of the machine is made of: the person's choices, and Naru's where there are none. */
import { NaruError } from '../../contract/errors.ts'
import type { MachineChange, MachineFacts, MachineState, VmFolder, VmSettings } from '../../contract/models.ts'
import { VM_MEMORY_FLOOR_MIB } from '../../contract/models.ts'
import { qemuUser, shareAccess } from './share-access.ts'
import type { SystemUser } from './share-access.ts'
import { planShares } from './shares.ts'
import type { StartOptions } from './start-options.ts'

/** This machine, as far as it bounds the other one. */
export interface HostSize {
  readonly memoryMiB: number
  readonly cpus: number
}

export type Choices = Required<Pick<StartOptions, 'shares' | 'softwareOnly' | 'hostLoopback' | 'publishEverywhere'>> & Pick<StartOptions, 'memoryMiB' | 'cpus'>

export interface PlanOptions {
  readonly settings: VmSettings
  readonly home: string
  readonly host: HostSize
  /** Who QEMU runs as; null: this very user. */
  readonly user?: SystemUser | null
}

/**
 * @throws NaruError `invalid-request` {path} for a chosen folder that cannot be shared: hints `vm-share`, `vm-share-missing`,
 * `vm-share-denied`
 */
export async function planMachine(options: PlanOptions): Promise<Choices> {
  const { settings, host, user = qemuUser() } = options
  const { memoryMiB, cpus } = settings
  return {
    ...(memoryMiB !== undefined && { memoryMiB: Math.max(VM_MEMORY_FLOOR_MIB, Math.min(memoryMiB, host.memoryMiB)) }),
    ...(cpus !== undefined && { cpus: Math.min(cpus, host.cpus) }),
    shares: planShares(settings.folders ? await checked(settings.folders, user) : await homeFolder(options.home, user)),
    softwareOnly: settings.softwareOnly ?? false,
    hostLoopback: settings.hostLoopback ?? false,
    publishEverywhere: settings.publishEverywhere ?? false,
  }
}

async function checked(folders: readonly VmFolder[], user: SystemUser | null): Promise<readonly VmFolder[]> {
  for (const { path } of folders) await refuseUnusable(path, user)
  return folders
}

/** @throws NaruError `invalid-request` {path}, hints `vm-share-missing`, `vm-share-denied` */
export async function refuseUnusable(path: string, user: SystemUser | null): Promise<void> {
  const state = await shareAccess(path, user)
  if (state === 'usable') return
  throw new NaruError('invalid-request', `${path} cannot be shared: ${state}`, { params: { path }, hint: state === 'missing' ? 'vm-share-missing' : 'vm-share-denied' })
}

/** Nobody chose it, so it is no reason to fail either. */
async function homeFolder(home: string, user: SystemUser | null): Promise<readonly VmFolder[]> {
  const folder = { path: home, readonly: false }
  try {
    planShares([folder])
  } catch {
    return []
  }
  return (await shareAccess(home, user)) === 'usable' ? [folder] : []
}

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)

/** What of `wanted` a machine started with `facts` does not have. Pure. */
export function changesFor(wanted: Choices, facts: MachineFacts, acceleration: MachineState['acceleration']): readonly MachineChange[] {
  const folders = wanted.shares.map(({ path, readonly }) => ({ path, readonly }))
  const differs: readonly (readonly [MachineChange, boolean])[] = [
    ['memory', wanted.memoryMiB !== undefined && wanted.memoryMiB !== facts.memoryMiB],
    ['cpus', wanted.cpus !== undefined && wanted.cpus !== facts.cpus],
    ['folders', !same(folders, facts.folders)],
    ['loopback', wanted.hostLoopback !== facts.hostLoopback],
    ['publish', wanted.publishEverywhere !== facts.publishEverywhere],
    ['acceleration', wanted.softwareOnly !== (acceleration?.why === 'chosen')],
  ]
  return differs.flatMap(([change, is]) => (is ? [change] : []))
}
