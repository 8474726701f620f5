/** Reads what of a folder belongs to a build's context: ignored entries left out, links told as links, never followed. */
import { lstat, readdir, readlink } from 'node:fs/promises'
import type { Stats } from 'node:fs'
import { join } from 'node:path'
import { NaruError } from '../contract/errors.ts'
import type { Ignore } from './dockerignore.ts'

export interface ContextEntry {
  /** Relative to the context, with slashes. */
  readonly path: string
  readonly absolute: string
  /** Sockets and devices are not sent. */
  readonly kind: 'file' | 'folder' | 'link' | 'fifo'
  readonly stats: Stats
  /** Target of a link as it is written. */
  readonly target?: string
}

export interface ContextSelection {
  readonly folder: string
  readonly ignore: Ignore
  /** Paths sent although they are ignored: the Dockerfile, and for builders that read it the `.dockerignore`. */
  readonly keep: ReadonlySet<string>
  readonly signal: AbortSignal
}

export interface WalkNotes {
  /** An entry that is left out; of a folder nothing below is told. */
  readonly onIgnored?: (path: string, folder: boolean) => void
  /** Called instead of the throw for what cannot be read; the walk goes on. */
  readonly onUnreadable?: (path: string) => void
}

/** Names in the order of their bytes, as docker sends them. */
const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b))

/**
 * Entries of the context, folders before what is in them. A folder that is ignored itself comes when something below
 * is wanted. What vanishes meanwhile is left out.
 * @throws NaruError `denied` {path} (hint `build.context`) for a folder that cannot be read, `cancelled`
 */
export async function* walkContext(selection: ContextSelection, notes: WalkNotes = {}): AsyncGenerator<ContextEntry, void, undefined> {
  const { folder, ignore, keep, signal } = selection
  const keepsBelow = (path: string): boolean => [...keep].some((kept) => kept.startsWith(`${path}/`))

  async function* below(parent: string, held: readonly ContextEntry[]): AsyncGenerator<ContextEntry, void, undefined> {
    let waiting = held
    for (const name of await namesIn(folder, parent, notes)) {
      signal.throwIfAborted()
      const path = parent === '' ? name : `${parent}/${name}`
      const entry = await entryOf(folder, path, notes)
      if (!entry) continue
      const ignored = !keep.has(path) && ignore.ignores(path)
      if (ignored && !(entry.kind === 'folder' && (ignore.mayWantBelow(path) || keepsBelow(path)))) {
        notes.onIgnored?.(path, entry.kind === 'folder')
        continue
      }
      if (ignored) {
        for await (const one of below(path, [...waiting, entry])) {
          waiting = []
          yield one
        }
        continue
      }
      yield* waiting
      waiting = []
      yield entry
      if (entry.kind === 'folder') yield* below(path, [])
    }
  }
  yield* below('', [])
}

async function namesIn(folder: string, path: string, notes: WalkNotes): Promise<readonly string[]> {
  const absolute = join(folder, path)
  try {
    return (await readdir(absolute)).sort(byBytes)
  } catch (error) {
    const failure = contextError(error, absolute)
    // Gone since its parent was read; the context's own folder must be there.
    if (failure.code === 'not-found' && path !== '') return []
    if (!notes.onUnreadable || path === '') throw failure
    notes.onUnreadable(path)
    return []
  }
}

async function entryOf(folder: string, path: string, notes: WalkNotes): Promise<ContextEntry | null> {
  const absolute = join(folder, path)
  try {
    const stats = await lstat(absolute)
    if (stats.isSymbolicLink()) return { path, absolute, kind: 'link', stats, target: await readlink(absolute) }
    const kind = stats.isDirectory() ? 'folder' : stats.isFile() ? 'file' : stats.isFIFO() ? 'fifo' : null
    return kind && { path, absolute, kind, stats }
  } catch (error) {
    const failure = contextError(error, absolute)
    if (failure.code === 'not-found') return null
    if (!notes.onUnreadable) throw failure
    notes.onUnreadable(path)
    return null
  }
}

/** What a failed read of the context means, naming the file. */
export function contextError(error: unknown, path: string): NaruError {
  if (error instanceof NaruError) return error
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const words = error instanceof Error ? error.message : String(error)
  const more = { params: { path }, hint: 'build.context', detail: words, cause: error }
  if (code === 'ENOENT' || code === 'ENOTDIR') return new NaruError('not-found', `${path} is not there`, { ...more, params: { path, name: path } })
  if (code === 'EACCES' || code === 'EPERM') return new NaruError('denied', `${path} cannot be read`, more)
  return new NaruError('invalid-request', `${path} cannot be read: ${words}`, more)
}
