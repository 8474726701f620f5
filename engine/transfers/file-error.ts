/** What goes wrong with a file that a person named. */
import { NaruError } from '../contract/errors.ts'

/** A failed file operation, with the file's path. */
export function fileError(error: unknown, path: string): unknown {
  if (error instanceof NaruError || !(error instanceof Error) || !('code' in error)) return error
  const more = { params: { path, name: path }, cause: error, detail: error.message }
  switch (error.code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return new NaruError('not-found', `${path} is not there`, { ...more, hint: 'no-such-file' })
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new NaruError('denied', `${path} cannot be used`, { ...more, hint: 'file-denied' })
    case 'ENOSPC':
    case 'EDQUOT':
      return new NaruError('no-space', `no room for ${path}`, more)
    case 'EEXIST':
      return fileExists(path)
    case 'EISDIR':
      return new NaruError('invalid-request', `${path} is a folder`, { ...more, hint: 'path-is-folder' })
    default:
      return new NaruError('internal', error.message, more)
  }
}

export const fileExists = (path: string): NaruError =>
  new NaruError('conflict', `${path} is there already`, { params: { path, name: path }, hint: 'file-exists' })
