/** Files of containers for every peer: folders listed and paged, what paths are, windows of files. */
import { randomUUID } from 'node:crypto'
import { NaruError } from '../contract/errors.ts'
import { folderOf, joinPath, nameOf, shownPath } from '../contract/file-path.ts'
import type { ChangeRefusal, FileEntry, FileMount, FolderItem, FolderSource } from '../contract/models.ts'
import type { EngineClient } from '../docker/engine-client.ts'
import type { RawChange } from '../docker/inside.ts'
import { FileCache } from '../layers/file-cache.ts'
import type { MethodHandlers, StreamHandlers } from '../link/handlers.ts'
import { mapLimited } from '../system/map-limited.ts'
import { askFolder } from './ask-folder.ts'
import { fileBytes, wholeOf, windowOf } from './bytes.ts'
import { fileContainer, mountOf, mountsIn } from './container.ts'
import type { FileContainer } from './container.ts'
import { statOf } from './entries.ts'
import type { PlainEntry } from './entries.ts'
import { Listing } from './listing.ts'
import { marksOf } from './marks.ts'
import { FolderReader } from './read-folder.ts'
import { Shelf } from './shelf.ts'
import { bytesOf, statPath } from './stat.ts'
import { hasTools } from './tools.ts'

export type FilesClient = Pick<
  EngineClient,
  'inspectContainer' | 'containerChanges' | 'exportContainer' | 'readArchive' | 'statPath' | 'createPipedExec' | 'startPipedExec' | 'inspectExec'
>

export interface FileService {
  readonly open: StreamHandlers['files.open']
  readonly page: MethodHandlers['files.page']
  readonly stat: MethodHandlers['files.stat']
  readonly read: MethodHandlers['files.read']
  readonly existing: MethodHandlers['files.existing']
  /** Something of the container was changed: nothing kept of it counts. */
  readonly changed: (engineId: string, id: string) => void
  readonly shutdown: () => void
}

export interface FileDeps {
  /** @throws NaruError when the engine is not connected */
  readonly connection: (engineId: string) => { readonly client: FilesClient; readonly signal: AbortSignal }
}

/** Listings kept for pages, and names in all of them. */
const MOST_LISTINGS = 24
const MOST_NAMES = 1_000_000
/** Milliseconds in which a container is not asked again what it changed. */
const CHANGES_MS = 3_000
/** Questions to the engine at once. */
const AT_ONCE = 8

interface Folder {
  readonly source: FolderSource
  readonly entries: readonly PlainEntry[]
  readonly readAt: number
  readonly cut: boolean
}

interface Changes {
  readonly at: number
  readonly answer: Promise<readonly RawChange[]>
}

export function createFileService({ connection }: FileDeps): FileService {
  const listings = new Shelf<Listing>(MOST_LISTINGS, MOST_NAMES)
  const reader = new FolderReader()
  const contents = new FileCache()
  const changes = new Map<string, Changes>()
  /** Counts what Naru changed of a container: what was read before is another file. */
  const versions = new Map<string, number>()

  const keyOf = (engineId: string, id: string): string => `${engineId} ${id}`
  const both = (engineId: string, signal: AbortSignal) => {
    const { client, signal: lost } = connection(engineId)
    return { client, signal: AbortSignal.any([signal, lost]) }
  }

  /** One question for everyone who looks at the container now. */
  function changesOf(client: FilesClient, key: string, id: string): Promise<readonly RawChange[]> {
    const known = changes.get(key)
    if (known && performance.now() - known.at < CHANGES_MS) return known.answer
    const answer = client.containerChanges(id)
    changes.set(key, { at: performance.now(), answer })
    answer.catch(() => changes.delete(key))
    return answer
  }

  async function* list(client: FilesClient, key: string, id: string, facts: FileContainer, path: string, signal: AbortSignal): AsyncGenerator<FolderItem, Folder, undefined> {
    if (facts.running) {
      const asking = askFolder(client, { id, path, env: facts.env }, signal)
      yield { state: 'reading', source: 'asked', bytes: 0, found: 0 }
      let toldAt = performance.now()
      let next = await asking.next()
      for (; !next.done; next = await asking.next()) {
        if (performance.now() - toldAt < 100) continue
        toldAt = performance.now()
        yield { state: 'reading', source: 'asked', bytes: 0, found: next.value }
      }
      if (next.value) return { source: 'asked', readAt: Date.now(), ...next.value }
    }
    // Says why when there is no such folder, and follows a link to where its archive is.
    const stat = await statPath(client, id, path, signal)
    if (stat.type !== 'directory') throw new NaruError('invalid-request', `${path} is no folder`, { params: { name: shownPath(path) }, hint: 'not-a-folder' })
    const reading = reader.read(client, key, id, facts, stat.path, signal)
    yield { state: 'reading', source: 'read', bytes: 0, found: 0 }
    let next = await reading.next()
    for (; !next.done; next = await reading.next()) yield { state: 'reading', source: 'read', ...next.value }
    return { source: 'read', ...next.value }
  }

  async function* open({ engineId, id, path, fresh }: Parameters<FileService['open']>[0], signal: AbortSignal): AsyncGenerator<FolderItem, void, undefined> {
    const { client, signal: either } = both(engineId, signal)
    const key = keyOf(engineId, id)
    if (fresh) forget(key)
    const facts = fileContainer(await client.inspectContainer(id, { signal: either }))
    const mount = mountOf(facts.mounts, path)
    const marking = mount ? null : changesOf(client, key, id).then((raw) => marksOf(raw, path))
    marking?.catch(() => undefined)
    const folder = yield* list(client, key, id, facts, path, either)
    const listing = new Listing(folder.entries, mountNames(facts.mounts, path))
    const listingId = randomUUID()
    listings.put(listingId, listing, folder.entries.length)
    const refusal: ChangeRefusal | null = facts.refusal ?? ((await hasTools(client, id, facts.stamp, either)) ? null : 'no-tools')
    const ready = {
      state: 'ready' as const,
      listingId,
      path,
      source: folder.source,
      readAt: folder.readAt,
      total: listing.total,
      cut: folder.cut,
      ...(mount && { mount }),
      ...(refusal && { refusal }),
    }
    yield { ...ready, marks: marking ? 'reading' : 'none' }
    if (!marking) return
    const marks = await marking.catch(() => null)
    if (marks) listing.mark(marks)
    either.throwIfAborted()
    yield { ...ready, marks: marks ? 'ready' : 'none' }
  }

  function forget(key: string): void {
    reader.forget(key)
    changes.delete(key)
    versions.set(key, (versions.get(key) ?? 0) + 1)
  }

  return {
    open: (arg, { signal }) => open(arg, signal),
    async page({ listingId, ...query }) {
      const listing = listings.get(listingId)
      if (!listing) throw new NaruError('not-found', 'the listing is gone', { hint: 'listing-gone', params: { name: listingId } })
      return listing.page(query)
    },
    stat({ engineId, id, path }, context) {
      const { client, signal } = both(engineId, context.signal)
      return statPath(client, id, path, signal)
    },
    async read({ engineId, id, path, offset, length }, context) {
      const { client, signal } = both(engineId, context.signal)
      const stat = await statPath(client, id, path, signal)
      if (stat.type !== 'file') throw new NaruError('invalid-request', `${path} is no file`, { params: { name: shownPath(nameOf(path)) }, hint: 'not-a-file' })
      const totalBytes = stat.sizeBytes
      const source = () => fileBytes(client.readArchive(id, bytesOf(stat.path), { signal }), stat.path)
      if (!contents.fits(totalBytes)) return { offset, totalBytes, bytes: await windowOf(source(), offset, Math.min(length, Math.max(0, totalBytes - offset))) }
      const key = keyOf(engineId, id)
      const name = JSON.stringify([key, versions.get(key) ?? 0, stat.path, totalBytes, stat.modifiedAt])
      const whole = contents.get(name) ?? (await wholeOf(source(), totalBytes))
      contents.keep(name, whole)
      return { offset, totalBytes: whole.length, bytes: whole.slice(offset, offset + length) }
    },
    async existing({ engineId, id, path, names }, context) {
      const { client, signal } = both(engineId, context.signal)
      const folder = await statPath(client, id, path, signal)
      const found = await mapLimited(names, AT_ONCE, async (name): Promise<FileEntry | null> => {
        const raw = await client.statPath(id, bytesOf(joinPath(folder.path, name)), { signal })
        if (!raw) return null
        const { type, sizeBytes, mode, modifiedAt } = statOf(name, raw)
        return { name, type, sizeBytes, mode, modifiedAt, uid: 0, gid: 0, mark: 'unmodified' }
      })
      return { entries: found.filter((entry) => entry !== null) }
    },
    changed: (engineId, id) => forget(keyOf(engineId, id)),
    shutdown() {
      listings.clear()
      reader.clear()
      changes.clear()
    },
  }
}

/** Mounts that are names of a folder. */
function mountNames(mounts: readonly FileMount[], path: string): ReadonlyMap<string, string> {
  const here = mountsIn(mounts, path).filter(({ destination }) => destination !== path && folderOf(destination) === path)
  return new Map(here.map(({ destination, type }) => [nameOf(destination), type]))
}
