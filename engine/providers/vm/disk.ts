/** The data disk of a running machine: its figures, and growing it while it is in use. */
import { stat, statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import { NaruError } from '../../contract/errors.ts'
import { VM_DISK_MAX_BYTES } from '../../contract/models.ts'
import type { MachineDiskUsage } from '../../contract/models.ts'
import { formatMemory } from '../../contract/units.ts'
import { systemClock, waitUntil } from '../../system/clock.ts'
import { parseGuestStats } from './guest-stats.ts'
import type { GuestStats } from './guest-stats.ts'
import type { Qmp } from './qmp.ts'

/** Name of the data disk in QEMU (arguments.ts). */
const DRIVE = 'd'
const BLOCK = 512
const RESIZE_MS = 30_000
/** The file system grows by writing group headers, slowly in emulation; terabytes take a while. */
const GROW_MS = 300_000
/** Until the guest's kernel noticed that its disk is larger. */
const NOTICED_MS = 30_000
/** What a file system keeps for itself is far less than this. */
const LEAST_PART = 0.9

const sizeIn = (device: unknown): number => {
  const { device: name, inserted } = Object(device) as Record<string, unknown>
  return name === DRIVE ? Number(Object(Object(inserted)['image'])['virtual-size'] ?? NaN) : NaN
}

/** Size the guest sees, bytes. */
export async function virtualSize(qmp: Pick<Qmp, 'execute'>): Promise<number> {
  const devices = await qmp.execute('query-block')
  const size = Array.isArray(devices) ? devices.map(sizeIn).find(Number.isFinite) : undefined
  if (size === undefined) throw new NaruError('internal', 'QEMU does not know the data disk')
  return size
}

/** @param path the disk's file; @param stats what the guest told last */
export async function diskUsage(qmp: Pick<Qmp, 'execute'>, path: string, stats: GuestStats | null): Promise<MachineDiskUsage> {
  const [virtualBytes, file, folder] = await Promise.all([virtualSize(qmp), stat(path), statfs(dirname(path))])
  return {
    virtualBytes,
    usedBytes: stats && stats.diskBytes - stats.diskFreeBytes,
    hostBytes: file.blocks * BLOCK,
    hostFreeBytes: folder.bavail * folder.bsize,
  }
}

/**
 * Refuses what is no growth.
 * @throws NaruError `invalid-request` {current, wanted, max} as people read them; hint `vm-disk-shrink` or `vm-disk-too-large`
 */
export function checkGrowth(current: number, wanted: number): void {
  const params = { current: formatMemory(current), wanted: formatMemory(wanted), max: formatMemory(VM_DISK_MAX_BYTES) }
  if (wanted <= current) throw new NaruError('invalid-request', `the disk has ${current} bytes and only grows`, { params, hint: 'vm-disk-shrink' })
  if (wanted > VM_DISK_MAX_BYTES) throw new NaruError('invalid-request', `the disk may have ${VM_DISK_MAX_BYTES} bytes at most`, { params, hint: 'vm-disk-too-large' })
}

export interface GrowOptions {
  readonly qmp: Pick<Qmp, 'execute'>
  /** Asks the guest's agent. */
  readonly ask: (text: string, timeoutMs?: number) => Promise<string>
  readonly bytes: number
  /** Counts until the disk is larger; from then on there is no way back. */
  readonly signal: AbortSignal
  readonly onStep: (step: 'growing-disk' | 'growing-files') => void
}

/**
 * Makes the disk larger and then the file system on it; containers go on meanwhile.
 * @throws NaruError what `checkGrowth` throws; `cancelled`; `internal` hint `vm-disk-grow` when the guest did not follow:
 *   its next start does
 */
export async function growDisk({ qmp, ask, bytes, signal, onStep }: GrowOptions): Promise<void> {
  checkGrowth(await virtualSize(qmp), bytes)
  if (signal.aborted) throw new NaruError('cancelled', 'cancelled')
  onStep('growing-disk')
  await qmp.execute('block_resize', { device: DRIVE, size: bytes }, RESIZE_MS)
  onStep('growing-files')
  // The new size reaches the guest by an interrupt: the first try may be too early, and then says that nothing is to do.
  const grown = await waitUntil(() => growFiles(ask, bytes), { withinMs: NOTICED_MS, everyMs: 200, clock: systemClock })
  if (!grown) throw notFollowed('the guest did not notice that its disk is larger')
}

const notFollowed = (detail: string): NaruError => new NaruError('internal', 'the disk is larger, the file system on it is not yet', { hint: 'vm-disk-grow', detail })

async function growFiles(ask: GrowOptions['ask'], bytes: number): Promise<boolean> {
  const answer = await ask('growfs', GROW_MS)
  // One may be under way from a try of somebody who is gone.
  if (answer !== 'busy' && answer !== 'growfs rc=0') throw notFollowed(answer)
  return (parseGuestStats(await ask('stats'))?.diskBytes ?? 0) > bytes * LEAST_PART
}
