/** What a process holds of the machine: descriptors, connections to the engine, child processes, temporary files. */
import { readFile, readdir, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { argumentsOf, listProcesses, readProcess } from '../../../engine/system/processes.ts'

/** What there is, by name, and how often. */
export type Counts = Readonly<Record<string, number>>

const countOf = (names: readonly string[]): Counts => {
  const counts: Record<string, number> = {}
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1
  return counts
}

/** Open descriptors by kind: sockets, pipes and the like together, each file by its path. */
export async function descriptorsOf(pid: number): Promise<Counts> {
  const folder = `/proc/${pid}/fd`
  const targets = await Promise.all((await readdir(folder)).map((fd) => readlink(join(folder, fd)).catch(() => '')))
  return countOf(targets.filter((target) => target !== '').map((target) => target.replace(/:\[\d+\]$/, '')))
}

/** Connections that are open at a unix socket from the network namespace of a process. */
export async function connectionsTo(socketPath: string, pid: number): Promise<number> {
  const lines = (await readFile(`/proc/${pid}/net/unix`, 'latin1')).split('\n').map((line) => line.split(/\s+/))
  // State 03 is SS_CONNECTED; the listener itself is 01.
  return lines.filter((fields) => fields[5] === '03' && fields[7] === socketPath).length
}

/** Programs that process has started and that still run. */
export async function childrenOf(pid: number): Promise<Counts> {
  const all = await Promise.all((await listProcesses()).map(readProcess))
  const mine = all.filter((each) => each?.parent === pid).map((each) => each?.pid ?? 0)
  return countOf(await Promise.all(mine.map(async (child) => (await argumentsOf(child))[0] ?? `process ${child}`)))
}

/** Files below a folder, by path; none where there is no such folder. */
export async function filesBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  return entries.filter((entry) => !entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name)).sort()
}

/** What there is more of, for a person: `socket: 5 instead of 3`. */
export function surplus(before: Counts, now: Counts): readonly string[] {
  return Object.entries(now).flatMap(([name, count]) => (count > (before[name] ?? 0) ? [`${name}: ${count} instead of ${before[name] ?? 0}`] : []))
}

/**
 * Reads until there is no more of anything than before: idle connections are closed after a while. Gives what is still
 * more when the time is over.
 */
export async function untilNoMore(before: Counts, read: () => Promise<Counts>, limitMs: number): Promise<readonly string[]> {
  for (const end = Date.now() + limitMs; ; await sleep(500)) {
    const left = surplus(before, await read())
    if (left.length === 0 || Date.now() > end) return left
  }
}

export interface Places {
  /** Socket of the engine. */
  readonly socket: string
  /** Folder of temporary files. */
  readonly temporary: string
}

/** All of these together of one process. */
export async function heldBy(pid: number, { socket, temporary }: Places): Promise<Counts> {
  const named = (kind: string, counts: Counts): Counts => Object.fromEntries(Object.entries(counts).map(([name, count]) => [`${kind} ${name}`, count]))
  return {
    ...named('descriptor', await descriptorsOf(pid)),
    ...named('program', await childrenOf(pid)),
    ...named('temporary', countOf(await filesBelow(temporary))),
    'connections to the engine': await connectionsTo(socket, pid),
  }
}
