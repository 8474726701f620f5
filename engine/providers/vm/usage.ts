/** What the running machine takes, put together from QEMU, its process, the disk's file and the guest. */
import { readFile } from 'node:fs/promises'
import type { AwakeReason, MachineUsage } from '../../contract/models.ts'
import type { VmPaths } from './paths.ts'
import { diskUsage } from './disk.ts'
import type { NapState } from './nap-machine.ts'
import { napDueAt } from './nap-machine.ts'
import type { Running } from './start.ts'

/** MiB of this machine's memory a process takes; 0 when it is gone. */
export async function residentMiB(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  return Math.round(Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) / 1024)
}

/** Why it does not nap now. Pure. */
export function awakeReason(facts: NapState): AwakeReason {
  if (facts.rules.afterMs <= 0) return 'off'
  if (facts.holds > 0) return 'clients'
  return facts.containers !== 0 && !facts.rules.withContainers ? 'containers' : 'counting'
}

/** A machine that naps is not woken for it: what its guest told last stands. */
export async function machineUsage(paths: VmPaths, { qmp, idle, process }: Pick<Running, 'qmp' | 'idle' | 'process'>): Promise<MachineUsage> {
  const { nap, balloon } = idle
  if (nap.phase === 'awake') {
    const over = nap.errand()
    await balloon.look().finally(over)
  }
  const [disk, hostMiB] = await Promise.all([diskUsage(qmp, paths.data, balloon.stats), residentMiB(process.pid)])
  const figures = balloon.figures
  const memory = { limitMiB: figures?.sizeMiB ?? 0, grantedMiB: figures?.actualMiB ?? 0, usedMiB: figures?.usedMiB ?? null, hostMiB }
  if (nap.resting) return { disk, memory, napping: true }
  const awakeFor = awakeReason(nap.facts)
  const due = napDueAt(nap.facts)
  return { disk, memory, napping: false, awakeFor, ...(awakeFor === 'counting' && due !== null && { napAt: Math.round(Date.now() + due - performance.now()) }) }
}
