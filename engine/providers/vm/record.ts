/** The QEMU that runs: by number and start time, so that no other process is ever taken for it. */
import type { MachineAcceleration, MachineFacts, QemuOrigin } from '../../contract/models.ts'
import { asProcessRef, readJson, writeFileAtomic } from '../../system/files.ts'
import type { ProcessRef } from '../../system/processes.ts'
import { argumentsOf, isAlive } from '../../system/processes.ts'
import type { VmPaths } from './paths.ts'

export interface MachineRecord {
  readonly process: ProcessRef
  /** Value of `-accel`. */
  readonly accel: string
  readonly acceleration: MachineAcceleration
  /** What it was started with. */
  readonly facts: MachineFacts
  /** Null in records that were written before it was told. */
  readonly qemu: QemuOrigin | null
}

/** The file lies in a folder that only its owner may enter: who wrote it is this Naru or an older one. */
function asRecord(value: unknown): MachineRecord | null {
  const { accel, acceleration, facts, qemu, process: ref } = Object(value) as Partial<MachineRecord>
  const process = asProcessRef(ref)
  if (!process || typeof accel !== 'string' || !Array.isArray(facts?.folders) || !Array.isArray(acceleration?.tried)) return null
  return { process, accel, acceleration, facts, qemu: qemu ?? null }
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
