/** Ending the virtual machine, from a request to force; each rung has its time. */
import { rm } from 'node:fs/promises'
import { systemClock, waitUntil } from '../../system/clock.ts'
import { endProcess, isAlive } from '../../system/processes.ts'
import type { ProcessRef } from '../../system/processes.ts'
import type { GuestLink } from './link.ts'
import type { VmPaths } from './paths.ts'
import type { Qmp } from './qmp.ts'

export interface EndOptions {
  readonly paths: VmPaths
  readonly process: ProcessRef
  /** Milliseconds for the guest to stop its containers and write everything down; 0 = do not ask it. */
  readonly graceMs: number
  readonly link?: Pick<GuestLink, 'ask'>
  readonly qmp?: Pick<Qmp, 'execute'>
}

const ASK_MS = 3_000
const QUIT_MS = 3_000
/** A killed QEMU whose processor hangs in the kernel takes its time to let go of the disk. */
export const KILL_MS = 30_000

/** True when QEMU's process ended in time. */
const gone = (process: ProcessRef, withinMs: number): Promise<boolean> =>
  waitUntil(async () => !(await isAlive(process)), { withinMs, everyMs: 25, clock: systemClock })

/** The guest's agent, else its power button, then QEMU's quit, then a kill. Nothing is left afterwards. */
export async function endMachine({ paths, process, graceMs, link, qmp }: EndOptions): Promise<void> {
  const asked = graceMs > 0 && (await request(link, qmp))
  const quit = async (): Promise<boolean> => {
    if (!qmp) return false
    await qmp.execute('quit', {}, QUIT_MS).catch(() => undefined)
    return gone(process, QUIT_MS)
  }
  if (!(asked && (await gone(process, graceMs))) && !(await quit())) {
    await endProcess(process, [{ signal: 'SIGTERM', waitMs: 3_000 }, { signal: 'SIGKILL', waitMs: KILL_MS }])
  }
  for (const path of [paths.record, paths.api, paths.qmp, paths.socket]) await rm(path, { force: true })
}

async function request(link: EndOptions['link'], qmp: EndOptions['qmp']): Promise<boolean> {
  const byAgent = await link?.ask('poweroff', ASK_MS).then((answer) => answer === 'ok', () => false)
  if (byAgent) return true
  return (await qmp?.execute('system_powerdown', {}, ASK_MS).then(() => true, () => false)) ?? false
}
