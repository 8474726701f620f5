/** What a path of a container is, links followed inside it. */
import { NaruError } from '../contract/errors.ts'
import { isFilePath, pathBytes, pathText, shownPath } from '../contract/file-path.ts'
import type { FileStat } from '../contract/models.ts'
import type { EngineClient } from '../docker/engine-client.ts'
import { kindOfGoMode, statOf } from './entries.ts'

/** Links that lead to links; the kernel follows 40. */
const MOST_LINKS = 40

export function noSuchPath(path: string): NaruError {
  return new NaruError('not-found', `${path} is not there`, { params: { name: shownPath(path), path: shownPath(path) }, hint: 'no-such-path' })
}

/** The bytes of a path that was checked when it arrived. */
export function bytesOf(path: string): Uint8Array {
  const bytes = pathBytes(path)
  if (!bytes) throw new NaruError('invalid-request', 'no path')
  return bytes
}

/**
 * @throws NaruError `not-found` with hint `no-such-path`, `invalid-request` with hint `link-loop`
 */
export async function statPath(client: Pick<EngineClient, 'statPath'>, id: string, path: string, signal: AbortSignal): Promise<FileStat> {
  let at = path
  for (let links = 0; links < MOST_LINKS; links++) {
    const raw = await client.statPath(id, bytesOf(at), { signal }).catch((error: unknown) => {
      throw statError(error, path)
    })
    if (!raw) throw noSuchPath(path)
    if (kindOfGoMode(raw.mode ?? 0) !== 'symlink') return statOf(at, raw)
    // Engines follow it to its end inside the container.
    const next = pathText(Buffer.from(raw.linkTarget ?? ''))
    if (!isFilePath(next) || next === at) break
    at = next
  }
  throw loop(path)
}

const loop = (path: string): NaruError =>
  new NaruError('invalid-request', `${path} leads nowhere`, { params: { name: shownPath(path), path: shownPath(path) }, hint: 'link-loop' })

// Docker: evalSymlinks: too many links · lstat …: not a directory
function statError(error: unknown, path: string): unknown {
  if (!(error instanceof NaruError)) return error
  if (/too many (?:links|levels)/i.test(error.message)) return loop(path)
  return /not a directory|no such file/i.test(error.message) ? noSuchPath(path) : error
}
