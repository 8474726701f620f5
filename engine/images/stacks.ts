/** How the stacks of images lie in each other: chains, what is shared, what is counted once. Pure. */
import { createHash } from 'node:crypto'
import type { ImageShare, ImageStack, StackSums } from '../contract/models.ts'
import type { RawHistoryItem, RawImageInspect } from '../docker/api-types.ts'
import { imageIdOf } from '../state/normalise.ts'
import { matchLayers } from './inspect.ts'

export interface StoredLayer {
  readonly diffId: string
  readonly chainId: string
  readonly sizeBytes: number
}

/** An image as what it keeps on disk; never changes for an id. */
export interface StoredStack {
  readonly imageId: string
  readonly sizeBytes: number
  readonly platform: string
  /** Base first. */
  readonly layers: readonly StoredLayer[]
}

/** Ids of layers with all below them. Source: OCI image-spec, config.md, "Layer ChainID". */
export function chainIds(diffIds: readonly string[]): string[] {
  let below = ''
  return diffIds.map((diffId) => {
    below = below === '' ? diffId : `sha256:${createHash('sha256').update(`${below} ${diffId}`).digest('hex')}`
    return below
  })
}

export function storedStack(raw: RawImageInspect, history: readonly RawHistoryItem[]): StoredStack {
  const layers = matchLayers(history, raw.RootFS?.Layers ?? []).filter(({ diffId }) => diffId !== '')
  const chains = chainIds(layers.map(({ diffId }) => diffId))
  return {
    imageId: imageIdOf(raw.Id),
    sizeBytes: raw.Size,
    platform: [raw.Os, raw.Architecture, raw.Variant].filter(Boolean).join('/'),
    layers: layers.map(({ diffId, sizeBytes }, index) => ({ diffId, chainId: chains[index] ?? '', sizeBytes })),
  }
}

/** Most images named beside one layer. */
const MOST_NAMED = 100

/** Ids of the images that stand on each chain. */
function usersByChain(stacks: readonly StoredStack[]): ReadonlyMap<string, readonly string[]> {
  const users = new Map<string, string[]>()
  for (const { imageId, layers } of stacks) {
    for (const { chainId } of layers) {
      const known = users.get(chainId)
      if (known) known.push(imageId)
      else users.set(chainId, [imageId])
    }
  }
  return users
}

/** As `docker system df -v`: shared is what layers take that another image has as well, unique the rest of its size. */
function shareOf({ sizeBytes, platform, layers }: StoredStack, users: ReadonlyMap<string, readonly string[]>): ImageShare {
  const shared = layers.reduce((sum, layer) => sum + ((users.get(layer.chainId)?.length ?? 0) > 1 ? layer.sizeBytes : 0), 0)
  return { sharedBytes: shared, uniqueBytes: Math.max(0, sizeBytes - shared), platform }
}

/** @param all the other images; whether `stack` is among them does not matter. */
export function imageStack(stack: StoredStack, all: readonly StoredStack[]): ImageStack {
  const others = all.filter(({ imageId }) => imageId !== stack.imageId)
  const users = usersByChain([stack, ...others])
  return {
    imageId: stack.imageId,
    ...shareOf(stack, users),
    layers: stack.layers.map((layer) => {
      const sharers = (users.get(layer.chainId) ?? []).filter((id) => id !== stack.imageId)
      return { ...layer, sharedWith: sharers.slice(0, MOST_NAMED), sharedCount: sharers.length }
    }),
  }
}

export function stackSums(stacks: readonly StoredStack[]): StackSums {
  const users = usersByChain(stacks)
  const sizes = new Map(stacks.flatMap(({ layers }) => layers.map(({ chainId, sizeBytes }) => [chainId, sizeBytes] as const)))
  let sharedBytes = 0
  let uniqueBytes = 0
  for (const [chainId, bytes] of sizes) {
    if ((users.get(chainId)?.length ?? 0) > 1) sharedBytes += bytes
    else uniqueBytes += bytes
  }
  return {
    images: Object.fromEntries(stacks.map((stack) => [stack.imageId, shareOf(stack, users)])),
    layerCount: sizes.size,
    totalBytes: sharedBytes + uniqueBytes,
    sharedBytes,
    uniqueBytes,
    apparentBytes: stacks.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
  }
}
