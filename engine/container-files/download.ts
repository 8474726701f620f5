/** Files and folders out of a container. Nothing is ever whole in memory. */
import { NaruError } from '../contract/errors.ts'
import { nameOf, shownPath } from '../contract/file-path.ts'
import type { ArchiveTarget, ArchiveWritten, FileStat } from '../contract/models.ts'
import type { EngineClient } from '../docker/engine-client.ts'
import { TarScanner } from '../layers/tar-scanner.ts'
import { writeTarget } from '../transfers/archives.ts'
import type { ArchiveContext, ArchiveDeps } from '../transfers/archives.ts'
import { fileBytes } from './bytes.ts'
import { bytesOf, statPath } from './stat.ts'

export interface DownloadWork extends ArchiveDeps {
  readonly client: Pick<EngineClient, 'statPath' | 'readArchive'>
  /** Told what the path is before anything is written. */
  readonly onStat?: (stat: FileStat) => void
}

/** @throws NaruError `not-found` (`no-such-path`), `invalid-request` (`not-a-file`), and what writing throws */
export async function downloadPath(
  work: DownloadWork,
  { id, path, target }: { readonly id: string; readonly path: string; readonly target: ArchiveTarget },
  context: ArchiveContext,
): Promise<ArchiveWritten> {
  const stat = await statPath(work.client, id, path, context.signal)
  work.onStat?.(stat)
  const archive = (signal: AbortSignal) => work.client.readArchive(id, bytesOf(stat.path), { signal })
  if (stat.type === 'directory') return writeTarget(target, (signal) => wholeTar(archive(signal)), work, 'downloading', context)
  if (stat.type !== 'file') throw new NaruError('invalid-request', `${path} is no file`, { params: { name: shownPath(nameOf(path)) }, hint: 'not-a-file' })
  return writeTarget(target, (signal) => fileBytes(archive(signal), path), work, 'downloading', context, stat.sizeBytes)
}

/** The archive as it is; fails with `archive-broken` when it ends early, which its connection may not tell. */
async function* wholeTar(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  const scanner = new TarScanner({ entry: () => false, data: () => undefined, end: () => undefined }, { strictEnd: true })
  for await (const chunk of source) {
    const wait = scanner.write(chunk)
    if (wait) await wait
    yield chunk
  }
  scanner.close()
}
