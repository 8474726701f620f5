/** Faults, each upon exactly one process of this run's engine. */
import { basename } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { findContainerd, findDaemon, findShims } from '../../../engine/providers/native/find.ts'
import type { NativePaths } from '../../../engine/providers/native/paths.ts'
import { waitUntil } from '../../../engine/system/clock.ts'
import { executableOf, findProcesses, signalProcess } from '../../../engine/system/processes.ts'
import type { ProcessRef } from '../../../engine/system/processes.ts'
import type { ChaosRoom } from './chaos-room.ts'
import { below } from './plan.ts'
import type { Fault } from './plan.ts'

export interface Target {
  readonly paths: NativePaths
  readonly room: () => ChaosRoom
  readonly random: () => number
}

/** runc lives for some ten milliseconds at a time: how long one is waited for. */
const RUNC_WITHIN_MS = 1_500
/** How long a daemon that is just being restarted is waited for. */
const DAEMON_WITHIN_MS = 5_000

/** A runc that works for this engine: its folders are in the arguments. */
async function findRunc({ state }: NativePaths): Promise<ProcessRef | null> {
  for (const info of await findProcesses((args) => basename(args[0] ?? '') === 'runc' && args.some((arg) => arg.includes(state)))) {
    if (basename((await executableOf(info.pid)) ?? '') === 'runc') return info
  }
  return null
}

async function waitFor(find: () => Promise<ProcessRef | null>, withinMs: number, everyMs: number): Promise<ProcessRef | null> {
  let found: ProcessRef | null = null
  await waitUntil(async () => (found = await find()) !== null, { withinMs, everyMs })
  return found
}

const kill = async (ref: ProcessRef | null): Promise<boolean> => ref !== null && signalProcess(ref, 'SIGKILL')

/** False when there was nothing to hit. */
export async function inflict(fault: Fault, { paths, room, random }: Target): Promise<boolean> {
  switch (fault.kind) {
    case 'dockerd':
      return kill(await waitFor(() => findDaemon(paths), DAEMON_WITHIN_MS, 20))
    case 'containerd':
      return kill(await waitFor(() => findContainerd(paths), DAEMON_WITHIN_MS, 20))
    case 'hang': {
      const daemon = await waitFor(() => findDaemon(paths), DAEMON_WITHIN_MS, 20)
      if (!daemon || !(await signalProcess(daemon, 'SIGSTOP'))) return false
      await sleep(fault.forMs)
      return signalProcess(daemon, 'SIGCONT')
    }
    case 'shim': {
      const shims = await findShims(paths)
      return kill(shims[below(random, shims.length)] ?? null)
    }
    case 'runc':
      return kill(await waitFor(() => findRunc(paths), RUNC_WITHIN_MS, 1))
    case 'room':
      await room().kill()
      return true
    case 'page':
      await room().tear()
      return true
  }
}
