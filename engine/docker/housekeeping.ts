/** The calls that tidy up: tags, archives in and out, prunes, and what a registry has under a name. */
import type { CallOptions } from './engine-client.ts'
import type { Http, HttpCall } from './http.ts'
import { readProgress } from './progress.ts'
import { bodyOf } from './streams.ts'
import type { RawProgress } from './api-types.ts'

/** An entry of `GET /images/json?all=1`: intermediate images of the classic builder too. */
export interface RawImageNode {
  readonly Id: string
  readonly ParentId?: string
  readonly RepoTags?: readonly string[] | null
  readonly RepoDigests?: readonly string[] | null
  readonly Created: number
  readonly Size: number
}

/** A record of the build cache in `GET /system/df`. */
export interface RawBuildCache {
  readonly ID: string
  /** Before API 1.42. */
  readonly Parent?: string
  readonly Parents?: readonly string[] | null
  /** `regular`, `source.local`, `source.git.checkout`, `exec.cachemount`, `internal`, `frontend` */
  readonly Type?: string
  readonly Description?: string
  readonly InUse?: boolean
  readonly Shared?: boolean
  readonly Size?: number
  readonly CreatedAt?: string
  readonly LastUsedAt?: string | null
  readonly UsageCount?: number
}

export interface RawImagesPrune {
  readonly ImagesDeleted?: readonly { readonly Untagged?: string; readonly Deleted?: string }[] | null
  readonly SpaceReclaimed?: number
}

export interface RawCachePrune {
  readonly CachesDeleted?: readonly string[] | null
  readonly SpaceReclaimed?: number
}

/** Answer of `GET /distribution/{name}/json`. */
export interface RawDistribution {
  readonly Descriptor?: { readonly mediaType?: string; readonly digest?: string; readonly size?: number } | null
  readonly Platforms?: readonly { readonly os?: string; readonly architecture?: string; readonly variant?: string }[] | null
}

export interface ImportQuery {
  /** `name:tag` of the new image (in one: Podman knows no separate tag here); absent = it gets no name. */
  readonly repo?: string
  readonly message?: string
  /** Dockerfile instructions such as `CMD ["sh"]`. */
  readonly changes?: readonly string[]
}

export interface HousekeepingCalls {
  readonly tagImage: (id: string, target: { readonly repo: string; readonly tag: string }, options?: CallOptions) => Promise<void>
  readonly listAllImages: (options?: CallOptions) => Promise<RawImageNode[]>
  /** Makes an image with one layer of a root filesystem's tar. Messages as the engine sends them; the last has the id. */
  readonly importImage: (archive: AsyncIterable<Uint8Array>, query: ImportQuery, options?: CallOptions) => AsyncIterable<RawProgress>
  /** Bytes of a tar of the container's files. Leaving early ends the export. */
  readonly exportContainer: (id: string, options?: CallOptions) => AsyncIterable<Uint8Array>
  /** `all`: every image no container was made from; else only those without a tag. */
  readonly pruneImages: (query: { readonly all: boolean }, options?: CallOptions) => Promise<RawImagesPrune>
  /** `ids`: only this record (the engine takes one at a time). */
  readonly pruneBuildCache: (query: { readonly all: boolean; readonly id?: string }, options?: CallOptions) => Promise<RawCachePrune>
  readonly buildCache: (options?: CallOptions) => Promise<RawBuildCache[]>
  /** What the registry has under a name now. @param auth base64 X-Registry-Auth */
  readonly distribution: (reference: string, auth: string | undefined, options?: CallOptions) => Promise<RawDistribution>
}

/** A prune deletes layer by layer and answers at the end. */
const PRUNE_MS = 30 * 60_000
/** The engine asks the registry before it answers. */
const REGISTRY_MS = 30_000

const inPath = (reference: string): string => encodeURIComponent(reference).replaceAll('%2F', '/')

export function createHousekeepingCalls(http: Http, engineId: string): HousekeepingCalls {
  return {
    tagImage: async (id, { repo, tag }, options) =>
      void (await http.json({ ...options, method: 'POST', path: `/images/${inPath(id)}/tag`, query: { repo, tag }, subject: { reference: id } })),
    listAllImages: async (options) => list<RawImageNode>(await http.json({ ...options, method: 'GET', path: '/images/json', query: { all: true } })),
    importImage: (archive, query, options) => importImage(http, engineId, archive, query, options ?? {}),
    exportContainer: (id, options) =>
      http.bytes({
        method: 'GET',
        path: `/containers/${encodeURIComponent(id)}/export`,
        signal: options?.signal,
        timeoutMs: options?.timeoutMs ?? null,
        subject: { container: id, engineId },
      }),
    pruneImages: async ({ all }, options) =>
      record<RawImagesPrune>(
        await http.json({ timeoutMs: PRUNE_MS, ...options, method: 'POST', path: '/images/prune', query: { filters: { dangling: [String(!all)] } } }),
      ),
    pruneBuildCache: async ({ all, id }, options) =>
      record<RawCachePrune>(
        await http.json({ timeoutMs: PRUNE_MS, ...options, method: 'POST', path: '/build/prune', query: { all, ...(id && { filters: { id: [id] } }) } }),
      ),
    buildCache: async (options) => {
      const usage = record<{ BuildCache?: RawBuildCache[] | null }>(
        await http.json({ timeoutMs: 120_000, ...options, method: 'GET', path: '/system/df', query: { type: 'build-cache' } }),
      )
      return usage.BuildCache ?? []
    },
    distribution: async (reference, auth, options) =>
      record<RawDistribution>(
        await http.json({
          timeoutMs: REGISTRY_MS,
          ...options,
          method: 'GET',
          path: `/distribution/${inPath(reference)}/json`,
          ...(auth && { headers: { 'x-registry-auth': auth } }),
          subject: { reference, registry: true },
        }),
      ),
  }
}

async function* importImage(
  http: Http,
  engineId: string,
  archive: AsyncIterable<Uint8Array>,
  { repo, message, changes }: ImportQuery,
  options: CallOptions,
): AsyncGenerator<RawProgress, void, undefined> {
  const subject = { engineId, archive: true }
  const call: HttpCall = {
    method: 'POST',
    path: '/images/create',
    query: { fromSrc: '-', repo, message, changes },
    headers: { 'content-type': 'application/x-tar' },
    upload: archive,
    subject,
    signal: options.signal,
    timeoutMs: options.timeoutMs ?? null,
  }
  yield* readProgress(bodyOf(http, call, engineId), subject)
}

function list<T>(answer: unknown): T[] {
  return Array.isArray(answer) ? (answer as T[]) : []
}

function record<T extends object>(answer: unknown): T {
  return (answer && typeof answer === 'object' ? answer : {}) as T
}
