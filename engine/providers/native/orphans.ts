/**
 * What runs in a container that nothing watches any more. A shim that is killed while it makes a container leaves a
 * `runc init` that waits for ever; one that is killed while there is no containerd leaves the container's processes.
 */
import { readdir, readFile, readlink, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { argumentsOf, endProcess, executableOf, findProcesses, listProcesses, readProcess } from '../../system/processes.ts'
import type { ProcessInfo, ProcessRef } from '../../system/processes.ts'
import { findShims } from './find.ts'
import { mountsBelow, unmountBelow } from './mounts.ts'
import type { NativePaths } from './paths.ts'

/** Programs of the engine that may have a container's first process as their child. */
const KEEPERS = new Set(['containerd-shim-runc-v2', 'runc', 'dockerd', 'containerd'])

const text = (pid: number, file: string): Promise<string> => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '')

/** Its root is a layer of this engine. */
async function isInside(pid: number, { data }: NativePaths): Promise<boolean> {
  const root = (await text(pid, 'mountinfo')).split('\n').find((line) => line.split(' ')[4] === '/')
  const plain = root?.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
  return plain?.includes(`upperdir=${data}/`) ?? false
}

/** A container's own group, or a build step's: who only looked in from outside (`nsenter`) kept theirs. */
const isContainerGroup = (groups: string): boolean => /\/(?:(?:docker-)?[0-9a-f]{64}(?:\.scope)?|buildkit\/[0-9a-z]{20,})$/m.test(groups)

async function isOrphan({ pid, parent }: ProcessInfo, own: string, paths: NativePaths): Promise<boolean> {
  const namespace = await readlink(`/proc/${pid}/ns/mnt`).catch(() => own)
  if (namespace === own || !(await isInside(pid, paths)) || !isContainerGroup(await text(pid, 'cgroup'))) return false
  return !KEEPERS.has(basename((await executableOf(parent)) ?? '')) && !(await isInside(parent, paths))
}

/** The first processes of containers without anybody who keeps them; those below them go with them or are found next. */
export async function findOrphans(paths: NativePaths): Promise<readonly ProcessInfo[]> {
  const own = await readlink('/proc/self/ns/mnt').catch(() => '')
  const all = (await Promise.all((await listProcesses()).map(readProcess))).filter((info) => info !== null)
  const alive = all.filter(({ state }) => state !== 'Z' && state !== 'X')
  const found = await Promise.all(alive.map((info) => isOrphan(info, own, paths)))
  return alive.filter((_, at) => found[at])
}

/**
 * Shims of containers that were made and never started: their `runc init` still waits for the word. dockerd gives it within
 * a moment; a containerd that was killed right then leaves both for ever.
 */
export async function findUnstarted(paths: NativePaths): Promise<readonly ProcessInfo[]> {
  const waiting = await findProcesses((args) => args.length === 2 && args[0] === 'runc' && args[1] === 'init')
  const shims = await Promise.all(
    waiting.map(async ({ pid, parent }) => {
      const environment = (await text(pid, 'environ')).split('\0')
      const ours = environment.some((line) => line.startsWith(`_LIBCONTAINER_STATEDIR=${paths.execRoot}/`)) && environment.includes('_LIBCONTAINER_INITTYPE=standard')
      return ours && basename((await executableOf(parent)) ?? '') === 'containerd-shim-runc-v2' ? readProcess(parent) : null
    }),
  )
  return shims.filter((info) => info !== null)
}

/** For processes that nothing has to be asked of first. */
export const KILL = [{ signal: 'SIGKILL', waitMs: 2_000 }] as const

/** Ends all of them. Call it only while nothing of this engine is being made. */
export async function endOrphans(paths: NativePaths): Promise<void> {
  // Children of one that ended are orphans themselves; a process namespace takes them along, the host's does not.
  for (let round = 0; round < 3; round++) {
    const found = await findOrphans(paths)
    if (found.length === 0) return
    await Promise.all(found.map((ref) => endProcess(ref, KILL)))
  }
}

/** Folders of containerd and runc for the containers that run, by container. */
const taskFolders = ({ execRoot }: NativePaths) => ({
  bundles: join(execRoot, 'containerd', 'daemon', 'io.containerd.runtime.v2.task', 'moby'),
  states: join(execRoot, 'runtime-runc', 'moby'),
})

/** Hidden ones are what containerd is about to remove. */
const list = (folder: string): Promise<readonly string[]> => readdir(folder).then((names) => names.filter((name) => !name.startsWith('.')), () => [])

/** Containers that containerd or runc still has notes of, and no shim. */
export async function deadTasks(paths: NativePaths): Promise<readonly string[]> {
  const { bundles, states } = taskFolders(paths)
  const noted = [...new Set([...(await list(bundles)), ...(await list(states))])]
  if (noted.length === 0) return []
  const living = new Set((await Promise.all((await findShims(paths)).map(({ pid }) => argumentsOf(pid)))).flat())
  return noted.filter((id) => !living.has(id))
}

/**
 * Takes away what would keep containers from being started again: processes without a shim, and runc's notes of them
 * ("container with given ID already exists"). containerd's own notes are containerd's, which reads them when it starts.
 * Call it only while no dockerd of this engine lives.
 */
export async function clearDeadTasks(paths: NativePaths, ids: readonly string[]): Promise<void> {
  // A dockerd that is killed leaves the steps of its builds working, and their file systems mounted.
  await endOrphans(paths)
  await unmountBelow(join(paths.data, 'buildkit', 'executor'))
  // dockerd moves this folder away when it starts, and cannot remove it with mounts in it.
  for (const folder of ['tmp', 'tmp-old']) await unmountBelow(join(paths.data, folder))
  for (const id of ids) await rm(join(taskFolders(paths).states, id), { recursive: true, force: true })
}

/** The same process: numbers are given again. */
export const isSame = (a: ProcessRef) => (b: ProcessRef) => a.pid === b.pid && a.startTime === b.startTime

/** Tells a folder from a later one of the same name: numbers of files are given again. Null when there is none. */
const markOf = (path: string): Promise<string | null> => stat(path).then(({ ino, birthtimeMs }) => `${ino} ${birthtimeMs}`, () => null)

/** Folders that containerd made for containers without a shim, with their marks. */
async function bareBundles(paths: NativePaths, tasks: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const { bundles } = taskFolders(paths)
  const found = await Promise.all(tasks.map(async (id) => [join(bundles, id), await markOf(join(bundles, id))] as const))
  return new Map(found.filter((one): one is readonly [string, string] => one[1] !== null))
}

/**
 * Takes away a folder that containerd could not remove when the shim died ("mkdir …: file exists"), as containerd does: a name
 * with a dot in front is passed over when containerd starts. False when it is another one by now, or something is mounted in it.
 */
async function takeBundle(path: string, mark: string): Promise<boolean> {
  await unmountBelow(path)
  if ((await mountsBelow(path)).length > 0 || (await markOf(path)) !== mark) return false
  const hidden = join(dirname(path), `.${basename(path)}`)
  // A hidden one of before cannot be renamed over.
  await rm(hidden, { recursive: true, force: true })
  await rename(path, hidden)
  await rm(hidden, { recursive: true, force: true })
  return true
}

/** For an engine at work: takes away what was dead at the look before as well. Gives how many processes and notes. */
export function createDeadSweep(paths: NativePaths): () => Promise<number> {
  let orphans: readonly ProcessRef[] = []
  let tasks: readonly string[] = []
  let bundles: ReadonlyMap<string, string> = new Map()
  return async () => {
    // Without its shim a container that was never started is cleaned up by containerd.
    const [orphansNow, tasksNow] = [[...(await findOrphans(paths)), ...(await findUnstarted(paths))], await deadTasks(paths)]
    const ended = orphansNow.filter((one) => orphans.some(isSame(one)))
    const { states } = taskFolders(paths)
    const noted = new Set(await list(states))
    const stale = tasksNow.filter((id) => tasks.includes(id) && noted.has(id))
    const bundlesNow = await bareBundles(paths, tasksNow)
    const left = [...bundlesNow].filter(([path, mark]) => bundles.get(path) === mark)
    orphans = orphansNow
    tasks = tasksNow
    bundles = bundlesNow
    await Promise.all(ended.map((ref) => endProcess(ref, KILL)))
    for (const id of stale) await rm(join(states, id), { recursive: true, force: true })
    let taken = 0
    for (const [path, mark] of left) if (await takeBundle(path, mark).catch(() => false)) taken += 1
    return ended.length + stale.length + taken
  }
}
