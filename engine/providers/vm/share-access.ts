/** Whether QEMU can show a folder to the guest. As root, Naru runs it as a user of its own (docs/adr/0017, 0019). */
import { stat } from 'node:fs/promises'

/** QEMU's user and group when Naru is root: nobody else's, in the range Debian leaves to programs like this one. */
export const QEMU_USER = { uid: 64_214, gid: 64_214 } as const

export interface SystemUser {
  readonly uid: number
  readonly gid: number
}

/** Who QEMU runs as; null: the very user Naru runs as. */
export const qemuUser = (): SystemUser | null => (process.getuid?.() === 0 ? QEMU_USER : null)

export type ShareAccess = 'usable' | 'missing' | 'denied'

/**
 * Whether QEMU's user may list a folder and go through it. QEMU opens it while it still is root, so folders above may be
 * closed to others. By modes only: what else forbids it shows inside.
 */
export async function shareAccess(path: string, user: SystemUser | null): Promise<ShareAccess> {
  const found = await stat(path).catch(() => null)
  if (!found?.isDirectory()) return 'missing'
  if (!user) return 'usable'
  const { uid, gid, mode } = found
  const bits = uid === user.uid ? mode >> 6 : gid === user.gid ? mode >> 3 : mode
  return (bits & 5) === 5 ? 'usable' : 'denied'
}
