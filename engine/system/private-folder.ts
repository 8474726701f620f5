/** Folders for sockets in places where other users may have been first (`/tmp`): used only when they are this user's. */
import { chmod, lstat, mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { NaruError } from '../contract/errors.ts'

/**
 * Refuses a folder that another user made, and a link in its place: whoever owns it may change what is in it, whatever its
 * mode. Root may use anybody's, because nobody else gets to its places. One that is not there is fine.
 * @throws NaruError `denied` hint `run-folder-foreign` {path}
 */
export async function refuseForeignFolder(path: string): Promise<void> {
  const found = await lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw error
  })
  const me = process.geteuid?.() ?? 0
  if (!found || (found.isDirectory() && (me === 0 || found.uid === me))) return
  throw new NaruError('denied', `${path} was made by another user`, { params: { path }, hint: 'run-folder-foreign' })
}

/**
 * Makes a folder that nobody else may enter (0700), or makes it so.
 * @throws NaruError what `refuseForeignFolder` throws
 */
export async function ensurePrivateFolder(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  await mkdir(path, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
  })
  await refuseForeignFolder(path)
  await chmod(path, 0o700)
}
