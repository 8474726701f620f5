/** What the running machine takes, put together from QEMU, its process, the disk's file and the guest. */
import { readFile } from 'node:fs/promises'
import { VM_NAP_MINUTES } from '../../contract/models.ts'
import type { AwakeReason, MachineUsage, VmSettings } from '../../contract/models.ts'
import { diskUsage, growDisk } from './disk.ts'
import type { GrowOptions } from './disk.ts'
import { napDueAt } from './nap-machine.ts'
import type { NapRules, NapState } from './nap-machine.ts'
import type { VmPaths } from './paths.ts'
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

export const napRules = ({ napMinutes = VM_NAP_MINUTES, napWithContainers = false }: VmSettings): NapRules => ({
  afterMs: napMinutes * 60_000,
  withContainers: napWithContainers,
})

/** Keeps it awake meanwhile. @throws what `growDisk` of disk.ts throws */
export async function growWhileAwake({ qmp, link, idle }: Pick<Running, 'qmp' | 'link' | 'idle'>, options: Pick<GrowOptions, 'bytes' | 'signal' | 'onStep'>): Promise<void> {
  const letGo = idle.nap.hold()
  try {
    await idle.nap.awake()
    await growDisk({ qmp, ask: link.ask, ...options })
  } finally {
    letGo()
  }
}

/** Milliseconds between two looks. */
const LOOK_EVERY_MS = 3_000

/** Until the next look is due, the nap's phase changed, or the reader is gone. */
function untilNext(idle: Running['idle'] | undefined, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer)
      forget?.()
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, LOOK_EVERY_MS)
    const forget = idle?.onPhase(done)
    signal.addEventListener('abort', done, { once: true })
    if (signal.aborted) done()
  })
}

/** Usage of whatever machine runs, until the signal aborts; nothing while none does. */
export async function* watchUsage(paths: VmPaths, running: () => Running | null, signal: AbortSignal): AsyncGenerator<MachineUsage, void, undefined> {
  while (!signal.aborted) {
    const now = running()
    // One that ends just now is asked in vain; the next look finds none.
    const usage = now && (await machineUsage(paths, now).catch(() => null))
    if (usage && !signal.aborted) yield usage
    await untilNext(running()?.idle, signal)
  }
}
