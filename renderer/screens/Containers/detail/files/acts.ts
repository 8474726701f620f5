/** What can be done with names of a folder, and why not. Pure. */
import type { ChangeRefusal, FileEntry } from '../../../../../engine/contract/models.ts'

export type FileAct = 'open' | 'download' | 'rename' | 'remove' | 'new'

/** A reason below `files.refusal.`, or null when it can be done. */
export function refusalOf(act: 'rename' | 'remove', entries: readonly FileEntry[], refusal: ChangeRefusal | undefined): ChangeRefusal | 'many' | 'gone' | null {
  if (entries.some(({ mark }) => mark === 'removed')) return 'gone'
  if (refusal) return refusal
  return act === 'rename' && entries.length > 1 ? 'many' : null
}

export const canOpen = ({ type, mark }: FileEntry): boolean => mark !== 'removed' && (type === 'file' || type === 'directory' || type === 'symlink')

/** Everything but devices, pipes and what is gone has bytes to save. */
export const canDownload = canOpen

const MOUNTS = new Set(['volume', 'bind', 'tmpfs'])
export const mountKey = (type: string): string => `files.mount.${MOUNTS.has(type) ? type : 'other'}`
