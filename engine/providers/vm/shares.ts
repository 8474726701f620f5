/** Which folders of the host the guest gets, and under which tags. Pure. */
import { posix } from 'node:path'
import { NaruError } from '../../contract/errors.ts'
import type { Share } from './arguments.ts'

export interface SharedFolder {
  /** Absolute path, the same in the guest. */
  readonly path: string
  readonly readonly?: boolean
}

/** Folders at the top that the guest's read-only root has; others could not be shown at their own path. */
const TOP = new Set(['home', 'Users', 'Volumes', 'mnt', 'media', 'srv', 'opt', 'root', 'tmp'])
/** Each is a device of its own. */
export const SHARES_MAX = 16

/** Whether a folder can be shown to the guest at its own path. */
export const canBeShared = (path: string): boolean => path.startsWith('/') && !/[\0\n]/.test(path) && TOP.has(posix.normalize(path).split('/')[1] ?? '')

/**
 * Shares in the order they are mounted, outer folders first; one inside another of the same kind is left out.
 * @throws NaruError `invalid-request`: `vm-share` {path} for what cannot be shared, `vm-share-many` {most}
 */
export function planShares(folders: readonly SharedFolder[]): readonly Share[] {
  const sorted = folders.map(({ path, readonly = false }) => ({ path: posix.normalize(path).replace(/(?<=.)\/+$/, ''), readonly })).sort((a, b) => (a.path < b.path ? -1 : 1))
  for (const { path } of sorted) {
    if (!canBeShared(path)) {
      throw new NaruError('invalid-request', `${path} cannot be shared with the virtual machine`, { params: { path }, hint: 'vm-share' })
    }
  }
  const kept = sorted.filter((each, index) => !sorted.some((other, at) => at !== index && covers(other, each, at < index)))
  if (kept.length > SHARES_MAX) throw new NaruError('invalid-request', `at most ${SHARES_MAX} folders can be shared`, { params: { most: SHARES_MAX }, hint: 'vm-share-many' })
  return kept.map(({ path, readonly }, index) => ({ tag: `h${index}`, path, readonly }))
}

/** `outer` already shows `inner` in the same way; of one that was named twice the first counts. */
function covers(outer: Omit<Share, 'tag'>, inner: Omit<Share, 'tag'>, first: boolean): boolean {
  if (outer.path === inner.path) return first
  return outer.readonly === inner.readonly && inner.path.startsWith(`${outer.path}/`)
}
