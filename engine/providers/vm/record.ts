/** The QEMU that runs: by number and start time, so that no other process is ever taken for it. */
import { asProcessRef, readJson, writeFileAtomic } from '../../system/files.ts'
import type { ProcessRef } from '../../system/processes.ts'
import { argumentsOf, isAlive } from '../../system/processes.ts'
import type { VmPaths } from './paths.ts'

export interface MachineRecord {
  readonly process: ProcessRef
  /** Value of `-accel`. */
  readonly accel: string
  /** Folders of the host it was started with. */
  readonly folders: readonly string[]
}

function asRecord(value: unknown): MachineRecord | null {
  if (typeof value !== 'object' || value === null || !('process' in value) || !('accel' in value) || !('folders' in value)) return null
  const { accel, folders } = value
  const process = asProcessRef(value.process)
  if (!process || typeof accel !== 'string' || !Array.isArray(folders)) return null
  return { process, accel, folders: folders.filter((each) => typeof each === 'string') }
}

export const writeRecord = (paths: VmPaths, record: MachineRecord): Promise<void> =>
  writeFileAtomic(paths.record, `${JSON.stringify(record)}\n`)

/** The machine of this state folder when it runs, else null. */
export async function findMachine(paths: VmPaths): Promise<MachineRecord | null> {
  const record = await readJson(paths.record, asRecord)
  if (!record || !(await isAlive(record.process))) return null
  // Start times are of one boot; the socket's path in its arguments makes it ours for sure.
  const args = await argumentsOf(record.process.pid)
  return args.some((each) => each.includes(paths.qmp)) ? record : null
}
