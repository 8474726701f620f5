/** A folder out of the container's archive, which is read once and kept as an index until the container changes. */
import { isWithin } from '../contract/file-path.ts'
import type { EngineClient } from '../docker/engine-client.ts'
import { pathParts } from '../layers/names.ts'
import type { FileContainer } from './container.ts'
import { mountOf } from './container.ts'
import type { PlainEntry } from './entries.ts'
import { readIndex } from './file-index.ts'
import type { FileIndex, ReadProgress } from './file-index.ts'
import { Shelf } from './shelf.ts'
import { bytesOf, noSuchPath } from './stat.ts'

export type ReadClient = Pick<EngineClient, 'exportContainer' | 'readArchive'>

/** Indexes kept, and bytes of all of them. */
const MOST_INDEXES = 8
const MOST_BYTES = 320 * 1024 * 1024

interface Kept {
  /** The folder the index is of. */
  readonly root: string
  /** True: an export, which holds no mounts. */
  readonly withoutMounts: boolean
  readonly stamp: string
  readonly index: FileIndex
  readonly readAt: number
}

export interface ReadFolder {
  readonly entries: readonly PlainEntry[]
  readonly readAt: number
  readonly cut: boolean
}

export class FolderReader {
  readonly #kept = new Shelf<Kept>(MOST_INDEXES, MOST_BYTES)

  /** Forgets what was read of a container. @param prefix of its keys */
  forget(container: string): void {
    this.#kept.drop((key) => key.startsWith(`${container} `))
  }

  clear(): void {
    this.#kept.clear()
  }

  /**
   * Tells how far it is; at its end the folder. The root comes out of an export, which leaves mounts out: a mount may hold
   * far more than the container. So does every folder of a container that does not run: what is read once is good until it
   * runs. Folders of one that runs, and of mounts, come out of their own archive.
   * @param container names the container and its engine
   * @throws NaruError `not-found` (`no-such-path`), `archive-broken`
   */
  async *read(client: ReadClient, container: string, id: string, facts: FileContainer, path: string, signal: AbortSignal): AsyncGenerator<ReadProgress, ReadFolder, undefined> {
    const mount = mountOf(facts.mounts, path)
    const kept = this.#find(container, facts, path, mount?.destination)
    if (kept) return folderIn(kept, path)
    const whole = path === '/' || (!facts.running && !mount)
    const source = whole ? client.exportContainer(id, { signal }) : client.readArchive(id, bytesOf(path), { signal })
    const index = yield* readIndex(source, whole ? 0 : 1)
    const made: Kept = { root: whole ? '/' : path, withoutMounts: whole, stamp: facts.stamp, index, readAt: Date.now() }
    this.#kept.put(`${container} ${made.root}`, made, index.bytes)
    return folderIn(made, path)
  }

  #find(container: string, { stamp }: FileContainer, path: string, mount: string | undefined): Kept | undefined {
    for (const [key, { thing }] of this.#kept.entries()) {
      if (!key.startsWith(`${container} `) || thing.stamp !== stamp || !isWithin(path, thing.root)) continue
      if (thing.withoutMounts && mount !== undefined) continue
      return this.#kept.get(key)
    }
    return undefined
  }
}

function folderIn({ index, root, readAt }: Kept, path: string): ReadFolder {
  const parts = pathParts(bytesOf(path)).slice(pathParts(bytesOf(root)).length)
  const entries = index.list(parts)
  if (!entries) throw noSuchPath(path)
  return { entries, readAt, cut: index.cut }
}
