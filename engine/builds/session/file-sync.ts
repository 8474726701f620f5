/**
 * Sends a folder as BuildKit asks for it: first what there is, then the content of those files it does not have yet.
 * Source: packet and stat numbers of github.com/tonistiigi/fsutil, types/wire.proto and stat.proto
 */
import { createReadStream } from 'node:fs'
import type { Stats } from 'node:fs'
import { NaruError } from '../../contract/errors.ts'
import { contextError } from '../context-walk.ts'
import { encodeMessage, fieldsOf } from '../protobuf.ts'
import type { GrpcCall } from './grpc.ts'

/** One entry of a sent folder; `content` for what is not on disk. */
export interface SentEntry {
  readonly path: string
  readonly kind: 'file' | 'folder' | 'link' | 'fifo'
  readonly mode: number
  readonly size: number
  /** Milliseconds since 1970. */
  readonly mtimeMs: number
  readonly target?: string
  readonly absolute?: string
  readonly content?: string
}

export interface SendOptions {
  readonly signal: AbortSignal
  /** Bytes of content sent, and files there are, so far. */
  readonly onProgress?: (bytes: number, files: number) => void
}

const STAT = 0
const REQUEST = 1
const DATA = 2
const FINISHED = 3
const FAILED = 4
/** Bytes of content in one packet. */
const CHUNK = 128 * 1024

/** Go's os.FileMode, which is not the kernel's. */
const KIND_BITS = { file: 0, folder: 2 ** 31, link: 2 ** 27, fifo: 2 ** 25 } as const
const goMode = ({ kind, mode }: SentEntry): number =>
  KIND_BITS[kind] + (mode & 0o777) + (mode & 0o4000 ? 2 ** 23 : 0) + (mode & 0o2000 ? 2 ** 22 : 0) + (mode & 0o1000 ? 2 ** 20 : 0)

export const entryFrom = (entry: { readonly path: string; readonly kind: SentEntry['kind']; readonly absolute: string; readonly stats: Stats; readonly target?: string }): SentEntry => ({
  path: entry.path,
  kind: entry.kind,
  absolute: entry.absolute,
  mode: entry.stats.mode,
  size: entry.stats.size,
  mtimeMs: entry.stats.mtimeMs,
  ...(entry.target !== undefined && { target: entry.target }),
})

/** @param entries folders before what is in them, names in the order of their bytes */
export async function sendFolder(call: GrpcCall, entries: AsyncIterable<SentEntry>, options: SendOptions): Promise<void> {
  const files = new Map<number, SentEntry>()
  let bytes = 0
  const tell = (more: number): void => {
    bytes += more
    options.onProgress?.(bytes, files.size)
  }
  const telling = tellEntries(call, entries, files, options, () => tell(0))
  // Nobody asks for more once an entry cannot be told: the failure ends the wait for the next request.
  const failure = new Promise<never>((_resolve, reject) => void telling.catch(reject))
  failure.catch(() => undefined)
  const messages = call.messages()
  for (;;) {
    const next = await Promise.race([messages.next(), failure])
    if (next.done) break
    const packet = packetOf(next.value)
    if (packet.type === REQUEST) {
      const entry = files.get(packet.id)
      if (!entry) throw new Error('a file was asked for that was not told')
      await sendFile(call, packet.id, entry, options.signal, tell)
    } else if (packet.type === FINISHED) {
      await call.send(encodeMessage([[1, FINISHED]]))
      break
    } else if (packet.type === FAILED) {
      break
    }
  }
  await telling
}

async function tellEntries(call: GrpcCall, entries: AsyncIterable<SentEntry>, files: Map<number, SentEntry>, options: SendOptions, tell: () => void): Promise<void> {
  let id = 0
  for await (const entry of entries) {
    options.signal.throwIfAborted()
    // Before it is told: the answer may be quicker than this loop.
    if (entry.kind === 'file') files.set(id, entry)
    await call.send(encodeMessage([[1, STAT], [2, statOf(entry)]]))
    id += 1
    if (id % 64 === 0) tell()
  }
  await call.send(Buffer.from([]))
  tell()
}

function statOf(entry: SentEntry): Buffer {
  // Owner and group stay 0: everything belongs to root, whoever builds.
  return encodeMessage([
    [1, entry.path],
    [2, goMode(entry)],
    [5, entry.kind === 'folder' ? 0 : entry.size],
    [6, BigInt(Math.round(entry.mtimeMs * 1_000)) * 1_000n],
    [7, entry.target],
  ])
}

async function sendFile(call: GrpcCall, id: number, entry: SentEntry, signal: AbortSignal, tell: (bytes: number) => void): Promise<void> {
  let sent = 0
  for await (const chunk of contentOf(entry, signal)) {
    sent += chunk.length
    await call.send(encodeMessage([[1, DATA], [3, id], [4, chunk]]))
    tell(chunk.length)
  }
  if (sent < entry.size) {
    throw new NaruError('conflict', `${entry.absolute ?? entry.path} became shorter while it was sent`, { params: { path: entry.absolute ?? entry.path }, hint: 'build.context-changed' })
  }
  await call.send(encodeMessage([[1, DATA], [3, id]]))
}

async function* contentOf({ absolute, content, size }: SentEntry, signal: AbortSignal): AsyncGenerator<Uint8Array, void, undefined> {
  if (size === 0) return
  if (absolute === undefined) {
    yield Buffer.from(content ?? '')
    return
  }
  try {
    yield* createReadStream(absolute, { highWaterMark: CHUNK, end: size - 1, signal }) as AsyncIterable<Uint8Array>
  } catch (error) {
    throw signal.aborted ? signal.reason : contextError(error, absolute)
  }
}

function packetOf(message: Uint8Array): { type: number; id: number } {
  let type = STAT
  let id = 0
  for (const { number, value } of fieldsOf(message)) {
    if (number === 1) type = value ?? type
    else if (number === 3) id = value ?? id
  }
  return { type, id }
}
