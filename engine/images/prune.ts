/** Prunes: what they would remove, read from the engine now, and the removal itself. */
import { createHash } from 'node:crypto'
import { NaruError, isCancelled, toEnvelope } from '../contract/errors.ts'
import type { OperationProgress, PruneKind, PrunePreview, PruneResult } from '../contract/models.ts'
import type { RawBuildCache, RawImageNode } from '../docker/housekeeping.ts'
import type { EngineClient } from '../docker/engine-client.ts'
import { containerRow, familiarName, imageIdOf } from '../state/normalise.ts'
import { mapLimited } from '../system/map-limited.ts'
import { matchLayers } from './inspect.ts'
import { planCache } from './prune-cache.ts'
import { forecastOf } from './prune-forecast.ts'
import { planImages } from './prune-images.ts'
import type { PruneImage } from './prune-images.ts'

/** Questions to the engine at the same time. */
const AT_ONCE = 6
const NO_NAME = '<none>'

export interface PruneContext {
  readonly signal: AbortSignal
  readonly report: (progress: OperationProgress) => void
}

/** @throws NaruError `unsupported` with hint `no-build-cache` when the engine keeps none */
export async function previewPrune(client: EngineClient, { kind, all }: { readonly kind: PruneKind; readonly all: boolean }, signal: AbortSignal): Promise<PrunePreview> {
  if (kind === 'build-cache') {
    if (!client.capabilities.buildkit) throw new NaruError('unsupported', 'this engine keeps no build cache', { hint: 'no-build-cache' })
    return planCache(await client.buildCache({ signal }), all)
  }
  const [nodes, containers, cache] = await Promise.all([
    client.listAllImages({ signal }),
    client.listContainers({ all: true }, { signal }),
    client.capabilities.buildkit ? client.buildCache({ signal }) : Promise.resolve([]),
  ])
  const parents = new Set(nodes.flatMap(({ ParentId }) => (ParentId ? [imageIdOf(ParentId)] : [])))
  const heads = nodes.filter((node) => namesOf(node).length > 0 || !parents.has(imageIdOf(node.Id)))
  const shared = cache.filter(({ Shared }) => Shared === true)
  const images = await mapLimited(heads, AT_ONCE, (node) => readImage(client, node, shared, signal))
  const holders = new Map<string, string[]>()
  for (const { imageId, name } of containers.map(containerRow)) holders.set(imageId, [...(holders.get(imageId) ?? []), name])
  return planImages({ images: images.flatMap((image) => image ?? []), holders }, all)
}

const tagsOf = ({ RepoTags }: RawImageNode): string[] => (RepoTags ?? []).filter((tag) => !tag.includes(NO_NAME)).map(familiarName)
const digestsOf = ({ RepoDigests }: RawImageNode): string[] => (RepoDigests ?? []).filter((one) => !one.includes(NO_NAME)).map(familiarName)
const namesOf = (node: RawImageNode): string[] => [...tagsOf(node), ...digestsOf(node)]

/** Null when it went meanwhile. */
async function readImage(client: EngineClient, node: RawImageNode, shared: readonly RawBuildCache[], signal: AbortSignal): Promise<PruneImage | null> {
  const id = imageIdOf(node.Id)
  try {
    const [image, history] = await Promise.all([client.inspectImage(id, { signal }), client.imageHistory(id, { signal })])
    const sizes = matchLayers(history, image.RootFS?.Layers ?? []).filter(({ diffId }) => diffId !== '')
    let chainId = ''
    // History entries of BuildKit say so; oldest first, as the layers are.
    const byBuildKit = new Set(history.filter(({ Comment = '' }) => Comment.startsWith('buildkit')).map(({ Size }) => Size))
    const layers = sizes.map(({ diffId, sizeBytes, instruction }) => {
      chainId = chainId === '' ? diffId : `sha256:${createHash('sha256').update(`${chainId} ${diffId}`).digest('hex')}`
      return { chainId, bytes: sizeBytes, cached: byBuildKit.has(sizeBytes) && heldByCache(shared, sizeBytes, instruction) }
    })
    return { id, tags: tagsOf(node), digests: digestsOf(node), createdAt: node.Created * 1_000, sizeBytes: node.Size, layers }
  } catch (error) {
    if (error instanceof NaruError && (error.code === 'image-not-found' || error.code === 'not-found')) return null
    throw error
  }
}

/** Sizes as large as this are hardly ever equal by chance, bytes. */
const TELLING_BYTES = 4_096
/** An instruction without options such as `--from=base`, which the history leaves out. */
const plain = (text: string): string => text.replace(/ --\S+/g, '').replace(/\s+/g, ' ').trim()

/** The API does not say which layer a record shares: the same size and the same instruction are taken as proof. */
function heldByCache(shared: readonly RawBuildCache[], bytes: number, instruction: string): boolean {
  const words = plain(instruction).slice(0, 60)
  return shared.some(({ Size, Description = '' }) => Size === bytes && (bytes >= TELLING_BYTES || plain(Description).includes(words)))
}

/**
 * Without `only` the engine prunes by itself; with it these go one by one, and what cannot go is told.
 * @throws NaruError of the engine's prune; `cancelled` between two images
 */
export async function pruneImages(
  client: EngineClient,
  { all, only }: { readonly all: boolean; readonly only?: readonly { readonly id: string; readonly references: readonly string[] }[] },
  { signal, report }: PruneContext,
): Promise<PruneResult> {
  report({ step: 'pruning', parts: [] })
  if (!only) {
    const whole = await prunedByEngine(client, all, signal)
    if (whole) return whole
  }
  const preview = await previewPrune(client, { kind: 'images', all }, signal)
  const wanted = only ?? preview.items.filter(({ reason }) => reason !== 'extra-tags')
  const items: { Untagged?: string; Deleted?: string }[] = []
  const failed: PruneResult['failed'][number][] = []
  for (const { id, references } of wanted) {
    signal.throwIfAborted()
    // Name by name, as a prune does: by its id an image with several names would need force, which ignores containers.
    for (const reference of references.length > 0 ? references : [id]) {
      try {
        items.push(...(await client.removeImage(reference, { force: false, noPrune: false }, { signal, timeoutMs: REMOVE_MS })))
      } catch (error) {
        if (isCancelled(error)) throw error
        // With the last tag of a repository its digests went too.
        const gone = error instanceof NaruError && (error.code === 'image-not-found' || error.code === 'not-found')
        if (!gone) failed.push({ name: reference, error: toEnvelope(error) })
      }
    }
  }
  const outcome = outcomeOf(items)
  return { ...outcome, reclaimedBytes: forecastOf(preview, new Set(outcome.deleted)).bytes, failed }
}

/** Null when the engine knows no prune of named images: Podman 4 takes `dangling=false` for a second filter and fails. */
async function prunedByEngine(client: EngineClient, all: boolean, signal: AbortSignal): Promise<PruneResult | null> {
  try {
    const { ImagesDeleted, SpaceReclaimed } = await client.pruneImages({ all }, { signal })
    return { ...outcomeOf(ImagesDeleted ?? []), reclaimedBytes: SpaceReclaimed ?? 0, failed: [] }
  } catch (error) {
    if (all && error instanceof NaruError && error.code === 'internal') return null
    throw error
  }
}

const REMOVE_MS = 120_000

function outcomeOf(items: readonly { readonly Untagged?: string; readonly Deleted?: string }[]): Pick<PruneResult, 'deleted' | 'untagged'> {
  return {
    untagged: items.flatMap(({ Untagged }) => (Untagged ? [familiarName(Untagged)] : [])),
    deleted: items.flatMap(({ Deleted }) => (Deleted ? [imageIdOf(Deleted)] : [])),
  }
}

/** As for images. A record that others stand on goes after them. */
export async function pruneCache(
  client: EngineClient,
  { all, only }: { readonly all: boolean; readonly only?: readonly string[] },
  { signal, report }: PruneContext,
): Promise<PruneResult> {
  report({ step: 'pruning', parts: [] })
  const deleted: string[] = []
  let reclaimedBytes = 0
  const prune = async (query: { all: boolean; id?: string }): Promise<number> => {
    const { CachesDeleted, SpaceReclaimed } = await client.pruneBuildCache(query, { signal })
    deleted.push(...(CachesDeleted ?? []))
    reclaimedBytes += SpaceReclaimed ?? 0
    return CachesDeleted?.length ?? 0
  }
  if (!only) {
    await prune({ all })
    return { deleted, untagged: [], reclaimedBytes, failed: [] }
  }
  let left = [...only]
  for (let went = 1; went > 0 && left.length > 0; ) {
    went = 0
    for (const id of left) {
      signal.throwIfAborted()
      went += await prune({ all, id })
    }
    const gone = new Set(deleted)
    left = left.filter((id) => !gone.has(id))
  }
  const error = toEnvelope(new NaruError('in-use', 'other records stand on it, or it is used again', { hint: 'cache-in-use' }))
  return { deleted, untagged: [], reclaimedBytes, failed: left.map((name) => ({ name, error })) }
}
