/** A build's context as a tar stream, read only as fast as it is taken: modes kept, owner root, links as links. */
import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { pack } from 'tar-stream'
import type { Pack } from 'tar-stream'
import { NaruError } from '../contract/errors.ts'
import { contextError, walkContext } from './context-walk.ts'
import type { ContextEntry, ContextSelection } from './context-walk.ts'

export interface ArchiveOptions extends ContextSelection {
  /** Files that are not in the folder: a Dockerfile from elsewhere. Come first, and win over files of the same name. */
  readonly extra?: readonly { readonly path: string; readonly content: string }[]
  /** Bytes of files put into the stream so far, and how many entries. */
  readonly onProgress?: (bytes: number, files: number) => void
}

type Entry = Parameters<Pack['entry']>[0]

/** Bytes read from a file at once; what is held of a file at any time is a few times this. */
const CHUNK = 256 * 1024

/**
 * Bytes of the archive.
 * @throws NaruError `denied` or `not-found` {path} (hint `build.context`) naming the file that could not be read,
 *   `conflict` {path} (hint `build.context-changed`) for one that became shorter meanwhile, `cancelled`
 */
export async function* contextArchive(options: ArchiveOptions): AsyncGenerator<Uint8Array, void, undefined> {
  const archive = pack({ highWaterMark: CHUNK })
  let failure: unknown
  const filling = fill(archive, options).then(
    () => archive.finalize(),
    (error: unknown) => {
      failure = error
      archive.destroy(error instanceof Error ? error : new Error(String(error)))
    },
  )
  try {
    for await (const chunk of archive as AsyncIterable<Uint8Array>) yield chunk
  } catch (error) {
    throw failure ?? error
  } finally {
    archive.destroy()
    await filling
  }
}

async function fill(archive: Pack, options: ArchiveOptions): Promise<void> {
  let bytes = 0
  let files = 0
  const tell = (more: number): void => {
    bytes += more
    options.onProgress?.(bytes, files)
  }
  const extra = new Set<string>()
  for (const { path, content } of options.extra ?? []) {
    await addEntry(archive, { name: path, type: 'file', mode: 0o600, mtime: new Date(0) }, content)
    extra.add(path)
  }
  for await (const entry of walkContext(options)) {
    if (extra.has(entry.path)) continue
    if (entry.kind === 'file') {
      await addFile(archive, entry, options.signal, tell)
      files += 1
    } else await addEntry(archive, headerOf(entry))
    tell(0)
  }
}

const TYPES = { file: 'file', folder: 'directory', link: 'symlink', fifo: 'fifo' } as const

function headerOf({ path, kind, stats, target }: ContextEntry): Entry {
  return {
    name: kind === 'folder' ? `${path}/` : path,
    type: TYPES[kind],
    mode: stats.mode & 0o7777,
    size: kind === 'file' ? stats.size : 0,
    mtime: stats.mtime,
    // As the docker CLI: everything belongs to root, whoever builds.
    uid: 0,
    gid: 0,
    ...(target !== undefined && { linkname: target }),
  }
}

function addEntry(archive: Pack, header: Entry, content?: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = (error?: Error | null): void => (error ? reject(error) : resolve())
    if (content === undefined) archive.entry(header, done)
    else archive.entry(header, content, done)
  })
}

async function addFile(archive: Pack, entry: ContextEntry, signal: AbortSignal, tell: (bytes: number) => void): Promise<void> {
  const header = headerOf(entry)
  if (entry.stats.size === 0) return addEntry(archive, header, '')
  let sent = 0
  async function* counted(): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      // Not beyond the size the header tells: a file that grows is sent as it was.
      const source = createReadStream(entry.absolute, { highWaterMark: CHUNK, end: entry.stats.size - 1, signal })
      for await (const chunk of source as AsyncIterable<Uint8Array>) {
        sent += chunk.length
        tell(chunk.length)
        yield chunk
      }
    } catch (error) {
      throw signal.aborted ? signal.reason : contextError(error, entry.absolute)
    }
    if (sent < entry.stats.size) {
      throw new NaruError('conflict', `${entry.absolute} became shorter while it was sent`, { params: { path: entry.absolute }, hint: 'build.context-changed' })
    }
  }
  await pipeline(counted, archive.entry(header))
}
