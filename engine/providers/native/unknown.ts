/**
 * Containers that work and that dockerd does not call running: their start was in the hands of a dockerd that was killed, or
 * met a containerd that was, and nobody can see or stop them by the engine any more.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { argumentsOf, endProcess, listProcesses, readProcess } from '../../system/processes.ts'
import type { ProcessInfo, ProcessRef } from '../../system/processes.ts'
import { findShims } from './find.ts'
import { clearDeadTasks, deadTasks, isSame, KILL } from './orphans.ts'
import type { NativePaths } from './paths.ts'
import { ask, idIn, runningIds } from './untold.ts'

/** A container that has just been started, or just ended, is neither by then, milliseconds. */
const SETTLED_MS = 1_500

interface Unknown extends ProcessInfo {
  /** Of its container. */
  readonly container: string
}

/** Shims whose container dockerd does not list as running. Rejects when it does not answer. */
async function unlisted(paths: NativePaths): Promise<readonly Unknown[]> {
  // First the shims: a container that is started in between is listed.
  const shims = await findShims(paths)
  const commands = await Promise.all(shims.map(({ pid }) => argumentsOf(pid)))
  const running = new Set(await runningIds(paths))
  return shims.flatMap((shim, at) => {
    const args = commands[at] ?? []
    const container = idIn(args)
    // Plugins of the engine have shims of another namespace, and are in no list.
    return args[args.indexOf('-namespace') + 1] === 'moby' && container !== '' && !running.has(container) ? [{ ...shim, container }] : []
  })
}

/** Those there are at two looks; none when the engine does not answer. Never rejects. */
export async function findUnknown(paths: NativePaths): Promise<readonly ProcessInfo[]> {
  try {
    if ((await unlisted(paths)).length === 0) return []
    await sleep(SETTLED_MS)
    return await unlisted(paths)
  } catch {
    return []
  }
}

/** The shims with what they keep: a shim that goes alone leaves its container working. */
async function endWithShims(shims: readonly ProcessRef[]): Promise<void> {
  const all = (await Promise.all((await listProcesses()).map(readProcess))).filter((info) => info !== null)
  const kept = all.filter(({ parent }) => shims.some(({ pid }) => pid === parent))
  await Promise.all(kept.map((ref) => endProcess(ref, KILL)))
  await Promise.all(shims.map((ref) => endProcess(ref, KILL)))
}

/** Ends containers whose shims nobody knows, and takes their notes away. Call it only while no dockerd of this engine lives. */
export async function endUnknown(paths: NativePaths, shims: readonly ProcessRef[]): Promise<void> {
  if (shims.length === 0) return
  await endWithShims(shims)
  await clearDeadTasks(paths, await deadTasks(paths))
}

/** True when dockerd says at once that the container does not run: while it starts or stops one it keeps who asks waiting. */
async function isAtRest({ socket }: NativePaths, container: string): Promise<boolean> {
  try {
    const { status, body } = await ask(socket, 'GET', `/containers/${container}/json`)
    if (status === 404) return true
    const { State } = JSON.parse(body) as { readonly State?: { readonly Running?: unknown } }
    return status === 200 && State?.Running === false
  } catch {
    return false
  }
}

/**
 * For an engine at work: ends what was unknown at the look before as well, and of which dockerd says that it does not run.
 * Gives how many containers it was. Rejects when the engine does not answer.
 */
export function createUnknownSweep(paths: NativePaths): () => Promise<number> {
  let before: readonly Unknown[] = []
  return async () => {
    const now = await unlisted(paths)
    const suspects = now.filter((one) => before.some(isSame(one)))
    before = now
    const atRest = await Promise.all(suspects.map(({ container }) => isAtRest(paths, container)))
    const unknown = suspects.filter((_, at) => atRest[at])
    await endWithShims(unknown)
    return unknown.length
  }
}
