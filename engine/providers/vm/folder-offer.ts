/** One more folder for the machine: which one a container's path asks for, and the list of shared folders with it. */
import { realpath, stat } from 'node:fs/promises'
import { dirname, posix } from 'node:path'
import { isBelow } from '../../containers/folders.ts'
import { NaruError, toEnvelope } from '../../contract/errors.ts'
import type { FolderOffer, VmFolder } from '../../contract/models.ts'
import { refuseUnusable } from './plan.ts'
import type { PlanOptions } from './plan.ts'
import { planShares } from './shares.ts'

export interface OfferOptions {
  /** What the guest sees at its own path now. */
  readonly seen: readonly VmFolder[]
  /** What it will see after its next start. */
  readonly listed: readonly VmFolder[]
  readonly user: NonNullable<PlanOptions['user']> | null
}

/** The list with one more; those that it shows in the same way leave it. Pure. */
export function listWith(listed: readonly VmFolder[], folder: VmFolder): readonly VmFolder[] {
  return [...listed.filter(({ path, readonly }) => path !== folder.path && !(readonly === folder.readonly && isBelow(folder.path, path))), folder]
}

/**
 * The folder that shows `path` to the guest: itself; for a file the one it lies in; for a link in a shared folder the place
 * it leads to.
 */
async function folderOf(path: string, seen: readonly VmFolder[]): Promise<{ readonly folder: string; readonly ofFile: boolean }> {
  const asked = posix.normalize(path).replace(/(?<=.)\/+$/, '')
  const isLink = seen.some((each) => isBelow(each.path, asked))
  const wanted = isLink ? await realpath(asked).catch(() => asked) : asked
  const found = await stat(wanted).catch(() => null)
  if (found && !found.isDirectory()) return { folder: dirname(wanted), ofFile: true }
  return { folder: wanted, ofFile: false }
}

/** @throws NaruError `invalid-request` {path}: hints `vm-offer-missing`, `vm-share`, `vm-share-many`, `vm-share-denied` */
async function check(folder: string, { listed, user }: OfferOptions): Promise<void> {
  planShares(listWith(listed, { path: folder, readonly: false }))
  if (!(await stat(folder).catch(() => null))) throw new NaruError('invalid-request', `there is no ${folder}`, { params: { path: folder }, hint: 'vm-offer-missing' })
  await refuseUnusable(folder, user)
}

/** What sharing a container's path would take. */
export async function offerFolder(path: string, options: OfferOptions): Promise<FolderOffer> {
  const { folder, ofFile } = await folderOf(path, options.seen)
  const listed = options.listed.some((each) => isBelow(each.path, folder))
  const inside = options.listed.filter((each) => each.path !== folder && isBelow(folder, each.path))
  try {
    if (!listed) await check(folder, options)
    return { folder, ofFile, listed, inside }
  } catch (error) {
    return { folder, ofFile, listed, inside, problem: toEnvelope(error) }
  }
}

/** The list that shows `path` to the guest. @throws NaruError as {@link offerFolder} tells it in `problem` */
export async function listFor(path: string, readonly: boolean, options: OfferOptions): Promise<readonly VmFolder[]> {
  const { folder } = await folderOf(path, options.seen)
  if (options.listed.some((each) => isBelow(each.path, folder))) return options.listed
  await check(folder, options)
  return listWith(options.listed, { path: folder, readonly })
}
