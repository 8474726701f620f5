/** The embedded engine's data on this machine: one folder. */
import { randomBytes } from 'node:crypto'
import { mkdir, readdir, realpath, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { NaruError } from '../../contract/errors.ts'
import { exec } from '../../system/exec.ts'
import { takeLock } from '../../system/files.ts'
import { endProcess, listProcesses, readProcess } from '../../system/processes.ts'
import type { EngineData } from '../provider.ts'
import { removeTraces } from './cleanup.ts'
import { findContainerd, findDaemon, findShims } from './find.ts'
import { mountsBelow } from './mounts.ts'
import { nativePaths } from './paths.ts'
import type { NativePaths } from './paths.ts'
import { endRootless, removeAsMapped } from './rootless.ts'

/** Data that is being deleted has another name: a deletion that was cut short is finished later. */
const GONE = 'data.gone-'
const MEASURE_MS = 20_000
const DELETE_MS = 600_000

const isRoot = (): boolean => process.getuid?.() === 0

/** Ends containers that outlive their daemon: shims and the processes under them. */
async function endContainers(paths: NativePaths): Promise<void> {
  const shims = await findShims(paths)
  const parents = new Set(shims.map(({ pid }) => pid))
  const all = await Promise.all((await listProcesses()).map(readProcess))
  const inside = all.filter((each) => each !== null && parents.has(each.parent))
  for (const each of [...inside, ...shims]) if (each) await endProcess(each, [{ signal: 'SIGKILL', waitMs: 5_000 }])
}

/** Deletes a folder nothing is mounted in: what is mounted may be somebody's files (a volume over a folder of theirs). */
async function remove(paths: NativePaths, bundleFolder: string, folder: string): Promise<void> {
  const mounts = await mountsBelow(folder)
  if (mounts.length > 0) throw new NaruError('conflict', `${mounts[0]} is mounted`, { hint: 'reset-mounted', params: { path: mounts[0] ?? folder } })
  if (isRoot()) await rm(folder, { recursive: true, force: true })
  else await removeAsMapped(paths, bundleFolder, folder, DELETE_MS)
}

/** Finishes what an earlier deletion left. */
async function sweep(paths: NativePaths, bundleFolder: string): Promise<void> {
  for (const name of await readdir(paths.state).catch((): string[] => [])) {
    if (name.startsWith(GONE)) await remove(paths, bundleFolder, join(paths.state, name))
  }
}

async function wipe(paths: NativePaths, bundleFolder: string): Promise<void> {
  await mkdir(paths.state, { recursive: true, mode: 0o700 })
  const lock = await takeLock(paths.lock)
  try {
    if ((await findDaemon(paths)) ?? (await findContainerd(paths))) throw new NaruError('conflict', 'the engine runs', { hint: 'reset-running' })
    await endContainers(paths)
    if (isRoot()) await removeTraces(paths, bundleFolder)
    else await endRootless(paths, bundleFolder, 1_000)
    const mounts = await mountsBelow(paths.data)
    if (mounts.length > 0) throw new NaruError('conflict', `${mounts[0]} is mounted`, { hint: 'reset-mounted', params: { path: mounts[0] ?? paths.data } })
    await rename(paths.data, join(paths.state, `${GONE}${randomBytes(4).toString('hex')}`)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error
    })
    await sweep(paths, bundleFolder)
  } finally {
    await lock.release()
  }
}

async function measure({ data }: NativePaths, signal: AbortSignal): Promise<number | null> {
  // Some of it may not be read by everybody (exit code 1): the sum of the rest is still of use.
  const said = await exec('du', ['-sx', '--block-size=1', data], { signal, timeoutMs: MEASURE_MS, okCodes: [0, 1] }).catch(() => null)
  const bytes = Number.parseInt(said?.stdout ?? '', 10)
  return Number.isNaN(bytes) ? null : bytes
}

export function nativeData(stateFolder: string, bundleFolder: string): EngineData {
  const paths = async (): Promise<NativePaths> => nativePaths(await realpath(stateFolder).catch(() => stateFolder))
  return { bytes: async (signal) => measure(await paths(), signal), wipe: async () => wipe(await paths(), bundleFolder) }
}
