/**
 * A control group of dockerd's own. The firewall tells the daemon's traffic by it: unlike a supplementary group, no
 * container can be given it, because the runtime puts each container into a control group of the container's own.
 */
import { mkdir, readFile, rmdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { NativePaths } from './paths.ts'

/**
 * Where the second version of control groups is mounted whole, in the text of /proc/self/mountinfo; null where it is
 * not, or only a part of it is to be seen. On machines of the first version it may be mounted beside that (systemd's
 * `unified`), without controllers, which is all that is needed here.
 */
export function unifiedMount(mountinfo: string): string | null {
  for (const line of mountinfo.split('\n')) {
    const [before = '', after = ''] = line.split(' - ')
    const [, , , root, point] = before.split(' ')
    if (after.startsWith('cgroup2 ') && root === '/' && point !== undefined && !point.includes('\\')) return point
  }
  return null
}

/** Folder of the daemon's group; null where this machine has no place for one. */
export async function daemonCgroup(paths: NativePaths): Promise<string | null> {
  const mount = unifiedMount(await readFile('/proc/self/mountinfo', 'utf8').catch(() => ''))
  return mount === null ? null : join(mount, paths.tag)
}

/** Makes the group; null when that is not possible, and then the daemon is told by its supplementary group alone. */
export async function ensureDaemonCgroup(paths: NativePaths): Promise<string | null> {
  const folder = await daemonCgroup(paths)
  if (folder === null) return null
  return mkdir(folder, { recursive: true }).then(() => folder, () => null)
}

/** Puts a running process into the group: a daemon that an older Naru started. Does nothing where there is no group. */
export async function joinDaemonCgroup(paths: NativePaths, pid: number): Promise<void> {
  const folder = await daemonCgroup(paths)
  if (folder !== null) await writeFile(join(folder, 'cgroup.procs'), String(pid)).catch(() => undefined)
}

/** The command, begun inside the group. One that cannot enter runs all the same, and has no way to the machine's loopback. */
export function startedIn(folder: string | null, [file, args]: readonly [string, readonly string[]]): readonly [string, readonly string[]] {
  if (folder === null) return [file, args]
  return ['/bin/sh', ['-c', '[ ! -d "$0" ] || echo 0 > "$0/cgroup.procs"; exec "$@"', folder, file, ...args]]
}

/** Takes the group away; one that still has a process stays for the next time. */
export async function removeDaemonCgroup(paths: NativePaths): Promise<void> {
  const folder = await daemonCgroup(paths)
  if (folder !== null) await rmdir(folder).catch(() => undefined)
}
