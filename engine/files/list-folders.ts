/** Folders of this machine, for choosing one in a page that has no file dialog of the system. */
import { opendir, realpath, stat } from 'node:fs/promises'
import { dirname, isAbsolute, join } from 'node:path'
import { isDockerfileName } from '../builds/form.ts'
import { contextError } from '../builds/context-walk.ts'
import { NaruError } from '../contract/errors.ts'
import type { FolderList } from '../contract/models.ts'

export const MAX_FOLDERS = 1_000
/** Entries looked at; a folder of a million files is no project. */
const MAX_LOOKED = 50_000

/**
 * @param path absolute; empty = the home folder
 * @throws NaruError `not-found` or `denied` {path}, `invalid-request` for a path that is relative or no folder
 */
export async function listFolders(path: string, home: string, signal: AbortSignal): Promise<FolderList> {
  const wanted = path === '' ? home : path
  if (!isAbsolute(wanted)) throw new NaruError('invalid-request', 'the path is not absolute', { params: { path: wanted }, hint: 'build.no-folder' })
  let folder: string
  const names: string[] = []
  let truncated = false
  let hasDockerfile = false
  try {
    folder = await realpath(wanted)
    if (!(await stat(folder)).isDirectory()) throw new NaruError('invalid-request', `${wanted} is no folder`, { params: { path: wanted }, hint: 'build.no-folder' })
    let looked = 0
    for await (const entry of await opendir(folder, { bufferSize: 256 })) {
      signal.throwIfAborted()
      if ((looked += 1) > MAX_LOOKED || names.length >= MAX_FOLDERS) {
        truncated = true
        break
      }
      if (entry.isDirectory() || (entry.isSymbolicLink() && (await isFolder(join(folder, entry.name))))) names.push(entry.name)
      else hasDockerfile ||= isDockerfileName(entry.name)
    }
  } catch (error) {
    const failure = signal.aborted ? error : contextError(error, wanted)
    const isMissing = failure instanceof NaruError && failure.code === 'not-found'
    throw isMissing ? new NaruError('not-found', failure.message, { params: { path: wanted, name: wanted }, hint: 'build.no-folder', cause: failure }) : failure
  }
  names.sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
  const folders: { name: string; hidden: boolean; hasDockerfile: boolean }[] = []
  for (const name of names) {
    signal.throwIfAborted()
    folders.push({ name, hidden: name.startsWith('.'), hasDockerfile: await holdsDockerfile(join(folder, name)) })
  }
  return { path: folder, parent: dirname(folder) === folder ? null : dirname(folder), home, folders, truncated, hasDockerfile }
}

const isFolder = (path: string): Promise<boolean> => stat(path).then((found) => found.isDirectory(), () => false)

const isFile = (path: string): Promise<boolean> => stat(path).then((found) => found.isFile(), () => false)

/** Only the two usual names: looking through every folder would take as long as opening them all. */
async function holdsDockerfile(folder: string): Promise<boolean> {
  return (await isFile(join(folder, 'Dockerfile'))) || (await isFile(join(folder, 'Containerfile')))
}
