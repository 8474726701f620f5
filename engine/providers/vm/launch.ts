/** Starting QEMU: in a session of its own, so that it outlives Naru; as nobody in particular when Naru is root. */
import { constants } from 'node:fs'
import { access, chmod, chown, link, rm, stat } from 'node:fs/promises'
import { NaruError } from '../../contract/errors.ts'
import { readJson, writeFileAtomic } from '../../system/files.ts'
import { tailOfFile } from '../../system/log.ts'
import { endProcess, readProcess } from '../../system/processes.ts'
import type { ProcessRef } from '../../system/processes.ts'
import { spawnDetached } from '../native/daemon.ts'
import { asRemembered } from './acceleration.ts'
import type { Acceleration, DeviceState, Remembered } from './acceleration.ts'
import { qemuArguments } from './arguments.ts'
import type { MachineOptions } from './arguments.ts'
import type { VmPaths } from './paths.ts'
import { writeRecord } from './record.ts'
import { runProgram } from './qemu.ts'
import type { Program } from './qemu.ts'
import type { MachineRecord } from './record.ts'
import { qemuUser } from './share-access.ts'
import { KILL_MS } from './stop.ts'
import type { Attempt } from './watchdog.ts'

/** Virtual size of a fresh data disk, bytes; it takes only what is used. */
export const DATA_BYTES = 64 * 1024 ** 3

/** Makes the data disk when there is none; one that is there is never touched. Errors: `no-space`, `internal`. */
export async function ensureDataDisk(path: string, img: Program, signal: AbortSignal): Promise<void> {
  if (await stat(path).then(() => true, () => false)) return
  const draft = `${path}.new`
  await rm(draft, { force: true })
  await runProgram(img, ['create', '-q', '-f', 'qcow2', draft, String(DATA_BYTES)], { signal, timeoutMs: 30_000 })
  await chmod(draft, 0o600)
  // Linking refuses where renaming would replace.
  await link(draft, path)
  await rm(draft, { force: true })
}

/** Whether QEMU could open the device behind Linux' accelerator. */
export async function accelerationDevice(device = '/dev/kvm'): Promise<DeviceState> {
  if (await access(device, constants.R_OK | constants.W_OK).then(() => true, () => false)) return 'usable'
  return (await stat(device).then(() => true, () => false)) ? 'denied' : 'absent'
}

export const readMemory = (paths: VmPaths): Promise<Remembered | null> => readJson(paths.memory, asRemembered)

export const writeMemory = (paths: VmPaths, remembered: Remembered): Promise<void> =>
  writeFileAtomic(paths.memory, `${JSON.stringify(remembered)}\n`)

export interface LaunchOptions {
  readonly paths: VmPaths
  readonly emulator: Program
  /** All but the acceleration and who it runs as. */
  readonly machine: Omit<MachineOptions, 'acceleration' | 'runAs'>
  /** What the record says beside the process. */
  readonly told: Pick<MachineRecord, 'acceleration' | 'facts' | 'qemu'>
}

/** QEMU's last words. */
const lastWords = async (path: string): Promise<string> => (await tailOfFile(path, 3).catch((): string[] => [])).join(' | ')

/** Starts QEMU with one acceleration and writes down which process it is. */
export async function launch({ paths, emulator, machine, told }: LaunchOptions, acceleration: Acceleration): Promise<Attempt & { readonly process: ProcessRef }> {
  for (const path of [paths.console, paths.errors, paths.api, paths.qmp, paths.record]) await rm(path, { force: true })
  const user = qemuUser()
  if (user) await chown(paths.data, user.uid, user.gid)
  const args = qemuArguments({ ...machine, acceleration, ...(user && { runAs: user }) })
  const env = { PATH: process.env.PATH, LANG: 'C' }
  const spawned = spawnDetached(emulator.file, [...emulator.args, ...args], { env, log: paths.errors, cwd: '/' })
  const exited = spawned.exited.then(async (reason) => {
    const words = await lastWords(paths.errors)
    return words === '' ? reason : `${reason}: ${words}`
  })
  const info = await readProcess(spawned.pid)
  // Gone before it could be looked at (a processor that the accelerator refuses): told by `exited`, like any that ends later.
  if (!info) return { pid: spawned.pid, process: { pid: spawned.pid, startTime: -1 }, exited, kill: async () => undefined }
  const ref = { pid: info.pid, startTime: info.startTime }
  await writeRecord(paths, { process: ref, accel: acceleration.accel, ...told })
  return {
    pid: ref.pid,
    process: ref,
    exited,
    kill: async () => {
      // One that outlives this holds the data disk: another beside it could not open it.
      if (!(await endProcess(ref, [{ signal: 'SIGKILL', waitMs: KILL_MS }]))) {
        throw new NaruError('provider.boot-failed', `QEMU (process ${ref.pid}) did not end within ${KILL_MS} ms`, { hint: 'vm-boot', detail: `process ${ref.pid} was killed and is still there` })
      }
    },
  }
}
