/** The QEMU that runs: by number and start time, so that no other process is ever taken for it. */
import type { MachineAcceleration, MachineFacts, QemuOrigin } from '../../contract/models.ts'
import { NaruError } from '../../contract/errors.ts'
import { systemClock, waitUntil } from '../../system/clock.ts'
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

/** Until the kernel took everything from a process that was killed. */
const ENDING_MS = 30_000

/**
 * Waits for a machine of this state folder that is ending: it has no arguments any more, but its files and locks.
 * @throws NaruError `provider.boot-failed` hint `vm-boot` when it does not end; `cancelled`
 */
export async function waitForEnding(paths: VmPaths, signal: AbortSignal, withinMs = ENDING_MS): Promise<void> {
  const record = await readJson(paths.record, asRecord)
  if (!record) return
  const { pid } = record.process
  const isEnding = async (): Promise<boolean> => (await argumentsOf(pid)).length === 0 && (await isAlive(record.process))
  if (await waitUntil(async () => !(await isEnding()), { withinMs, everyMs: 25, clock: systemClock, signal })) return
  throw new NaruError('provider.boot-failed', `the QEMU before (process ${pid}) does not end`, { hint: 'vm-boot', detail: `process ${pid} was ended and still holds its files after ${withinMs} ms` })
}
