/** The ends of an archive: files of this machine, or a transfer with the page. Nothing is ever whole in memory. */
import { constants, createReadStream } from 'node:fs'
import { access, link, open, rename, stat, unlink } from 'node:fs/promises'
import { basename, isAbsolute, join } from 'node:path'
import { NaruError } from '../contract/errors.ts'
import type { ArchiveSource, ArchiveTarget, ArchiveWritten, OperationProgress } from '../contract/models.ts'
import { fileError, fileExists } from './file-error.ts'
import { createByteMeter } from './meter.ts'
import { partOf } from './parts.ts'
import type { Parts } from './parts.ts'
import type { TransferService } from './service.ts'

export interface ArchiveDeps {
  readonly transfers: TransferService
  /** `~` in paths. */
  readonly home: string
}

export interface ArchiveContext {
  readonly signal: AbortSignal
  readonly report: (progress: OperationProgress) => void
}

export function archiveName(end: ArchiveSource | ArchiveTarget): string {
  return end.kind === 'path' ? basename(end.path) : end.name
}

function resolvePath(path: string, home: string): string {
  const full = path === '~' || path.startsWith('~/') ? join(home, path.slice(1)) : path
  if (!isAbsolute(full)) throw new NaruError('invalid-request', `${path} is not a whole path`, { params: { path }, hint: 'path-not-absolute' })
  return full
}

export interface OpenedSource {
  readonly name: string
  readonly bytes: AsyncIterable<Uint8Array>
  /** The error that ended reading, when one did: what the engine says of a cut archive is only its echo. */
  readonly failure: () => unknown
}

/**
 * Bytes of an archive, counted as they are taken.
 * @throws NaruError `not-found`, `denied`, `invalid-request` {path} for a path; `not-found` (`transfer-gone`)
 */
export async function openSource(source: ArchiveSource, deps: ArchiveDeps, step: string, context: ArchiveContext): Promise<OpenedSource> {
  const name = archiveName(source)
  const { pieces, sizeBytes } = source.kind === 'path' ? await openFile(resolvePath(source.path, deps.home), context.signal) : fromPage(source, deps, context.signal)
  const meter = createByteMeter(step, name, sizeBytes)
  let failure: unknown
  // A stream that fails throws its own error in here: that is no failure of the source.
  let given = false
  async function* counted(): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      context.report(meter.progress())
      for await (const piece of pieces) {
        if (meter.add(piece.byteLength)) context.report(meter.progress())
        given = true
        yield piece
        given = false
      }
      context.report(meter.done())
    } catch (error) {
      if (given) throw error
      failure = source.kind === 'path' ? fileError(error, source.path) : error
      throw failure
    }
  }
  return { name, bytes: counted(), failure: () => failure }
}

async function openFile(path: string, signal: AbortSignal): Promise<{ pieces: AsyncIterable<Uint8Array>; sizeBytes: number }> {
  try {
    const facts = await stat(path)
    if (facts.isDirectory()) throw new NaruError('invalid-request', `${path} is a folder`, { params: { path, name: path }, hint: 'path-is-folder' })
    // Opening a pipe or a device may wait for ever.
    if (!facts.isFile()) throw new NaruError('invalid-request', `${path} is no ordinary file`, { params: { path, name: path }, hint: 'path-not-file' })
    await access(path, constants.R_OK)
    return { pieces: filePieces(path, signal), sizeBytes: facts.size }
  } catch (error) {
    throw fileError(error, path)
  }
}

/** Opened only when somebody reads. */
async function* filePieces(path: string, signal: AbortSignal): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const piece of createReadStream(path, { signal, highWaterMark: 256 * 1024 })) yield piece as Uint8Array
}

function fromPage(source: ArchiveSource & { kind: 'transfer' }, { transfers }: ArchiveDeps, signal: AbortSignal) {
  const pipe = transfers.take(source.transferId, 'upload')
  signal.addEventListener('abort', () => pipe.close(signal.reason), { once: true })
  return { pieces: pipe.read(), sizeBytes: source.sizeBytes }
}

/**
 * Writes an archive where it is wanted. A file appears under its name only when it is whole; what was begun goes when
 * something fails.
 * @throws NaruError `conflict` (`file-exists`), `not-found`, `denied`, `no-space`, `cancelled` when the page left
 */
export async function writeTarget(
  target: ArchiveTarget,
  make: (signal: AbortSignal) => AsyncIterable<Uint8Array>,
  deps: ArchiveDeps,
  step: string,
  context: ArchiveContext,
  totalBytes?: number,
): Promise<ArchiveWritten> {
  const meter = createByteMeter(step, archiveName(target), totalBytes)
  context.report(meter.progress())
  const count = (bytes: number): void => {
    if (meter.add(bytes)) context.report(meter.progress())
  }
  if (target.kind === 'transfer') return { bytes: await toPage(target.transferId, make, deps, count, context.signal) }
  const path = resolvePath(target.path, deps.home)
  try {
    return { bytes: await toFile(path, target.overwrite, make, deps.transfers.parts, count, context.signal), path }
  } catch (error) {
    throw fileError(error, path)
  }
}

async function toPage(
  transferId: string,
  make: (signal: AbortSignal) => AsyncIterable<Uint8Array>,
  { transfers }: ArchiveDeps,
  count: (bytes: number) => void,
  signal: AbortSignal,
): Promise<number> {
  const pipe = transfers.take(transferId, 'download')
  // A writer that waits for the page must end with its operation.
  signal.addEventListener('abort', () => pipe.close(signal.reason), { once: true })
  const both = AbortSignal.any([signal, pipe.broken])
  let bytes = 0
  try {
    for await (const piece of make(both)) {
      await pipe.write(piece)
      bytes += piece.byteLength
      count(piece.byteLength)
    }
    pipe.end()
    return bytes
  } catch (error) {
    // When the page left, its leaving is the reason and not what broke because of it.
    const reason: unknown = pipe.broken.aborted ? pipe.broken.reason : error
    pipe.end(reason)
    throw reason
  }
}

async function toFile(
  path: string,
  overwrite: boolean,
  make: (signal: AbortSignal) => AsyncIterable<Uint8Array>,
  parts: Parts,
  count: (bytes: number) => void,
  signal: AbortSignal,
): Promise<number> {
  const before = await stat(path).catch(() => null)
  if (before?.isDirectory()) throw new NaruError('invalid-request', `${path} is a folder`, { params: { path, name: path }, hint: 'path-is-folder' })
  if (before && !overwrite) throw fileExists(path)
  const part = partOf(path)
  const forget = await parts.begin(part)
  let bytes = 0
  const file = await open(part, 'wx').catch(async (error: unknown) => {
    await forget()
    throw error
  })
  try {
    for await (const piece of make(signal)) {
      await file.appendFile(piece)
      bytes += piece.byteLength
      count(piece.byteLength)
    }
    await file.close()
    signal.throwIfAborted()
    if (overwrite) await rename(part, path)
    // A name that was taken meanwhile is not written over.
    else await link(part, path).then(() => unlink(part))
    return bytes
  } catch (error) {
    await file.close().catch(() => undefined)
    await unlink(part).catch(() => undefined)
    throw error
  } finally {
    await forget()
  }
}
