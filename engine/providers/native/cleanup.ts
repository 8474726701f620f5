/** Taking away what an engine leaves, after a stop or before a start. */
import { readFile, rm, rmdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { endProcess } from '../../system/processes.ts'
import type { KillStep, ProcessRef } from '../../system/processes.ts'
import { findContainerd, findDaemon, findProxies, findShims, shimSockets } from './find.ts'
import { unmountBelow } from './mounts.ts'
import { removeNetwork } from './network.ts'
import { endOrphans } from './orphans.ts'
import type { NativePaths } from './paths.ts'

/** A process that gets KILL has nothing left to say. */
const KILL_WAIT_MS = 5_000

/** TERM, a wait, KILL. */
export const ladder = (graceMs: number): readonly KillStep[] => [
  { signal: 'SIGTERM', waitMs: graceMs },
  { signal: 'SIGKILL', waitMs: KILL_WAIT_MS },
]

/** Ends the daemons of this engine, dockerd first. Containers are not touched. */
export async function endDaemons(paths: NativePaths, graceMs: number): Promise<void> {
  const daemon = await findDaemon(paths)
  if (daemon) await endProcess(daemon, ladder(graceMs))
  const containerd = await findContainerd(paths)
  if (containerd) await endProcess(containerd, ladder(5_000))
  await endAll(await findProxies(paths), 1_000)
}

const endAll = (refs: readonly ProcessRef[], graceMs: number): Promise<unknown> =>
  Promise.all(refs.map((ref) => endProcess(ref, ladder(graceMs))))

/** True while a container of this engine lives (its shim does). */
export async function hasContainers(paths: NativePaths): Promise<boolean> {
  return (await findShims(paths)).length > 0
}

/**
 * Removes everything but data and logs: mounts, namespace, link, rules, sockets, pid files. Call it only when neither
 * daemons nor containers of this engine live.
 */
export async function removeTraces(paths: NativePaths, bundleFolder: string): Promise<void> {
  const sockets = await shimSockets(paths)
  await endOrphans(paths)
  await unmountBelow(paths.data)
  await unmountBelow(paths.run)
  await removeNetwork(paths, bundleFolder)
  await rm(paths.run, { recursive: true, force: true })
  for (const socket of sockets) await rm(socket, { force: true })
  // The shims' shared folder goes with its last socket; one in use is not empty and stays.
  for (const folder of new Set(sockets.map(dirname))) {
    await rmdir(folder).then(() => rmdir(dirname(folder)), () => undefined).catch(() => undefined)
  }
}

/** Identifies one start of the machine: what a run folder says of another one is void. */
export async function bootId(): Promise<string> {
  return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '')).trim()
}
