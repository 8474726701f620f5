/**
 * Which images `docker image prune` removes and what that frees, computed before it is done. Pure.
 * Source of the rules: moby/moby, daemon/images/image_prune.go and image_delete.go.
 */
import type { PruneItem, PruneKept, PruneLayer, PrunePreview } from '../contract/models.ts'
import { formatReference, parseReference } from './reference.ts'

/** An image with everything the plan rests on; intermediate images of the classic builder are left out by the caller. */
export interface PruneImage {
  readonly id: string
  /** Familiar form. */
  readonly tags: readonly string[]
  /** `name@sha256:…` */
  readonly digests: readonly string[]
  readonly createdAt: number
  readonly sizeBytes: number
  /** Base first: the id of the chain up to the layer, and what the layer takes. */
  readonly layers: readonly { readonly chainId: string; readonly bytes: number; readonly cached: boolean }[]
}

export interface PruneFacts {
  readonly images: readonly PruneImage[]
  /** Image id → names of the containers made from it. */
  readonly holders: ReadonlyMap<string, readonly string[]>
}

const full = (reference: string): string => {
  try {
    return formatReference(parseReference(reference), 'full')
  } catch {
    return reference
  }
}
const byFull = (a: string, b: string): number => (full(a) < full(b) ? -1 : full(a) > full(b) ? 1 : 0)
const nameOf = (reference: string): string => full(reference).replace(/@.*$/, '').replace(/:[^/:]*$/, '')

/** True when taking one of these names off would leave the image without any: a tag and its digest count as one. */
export function isSingleReference(references: readonly string[]): boolean {
  if (references.length <= 1) return true
  const canonical = new Set(references.filter((one) => one.includes('@')).map(nameOf))
  const tags = references.filter((one) => !one.includes('@'))
  if (tags.length > 1) return false
  const only = tags[0] ?? references[0] ?? ''
  return canonical.size === 1 && canonical.has(nameOf(only))
}

/** Names an image in use loses to `docker image prune -a`: it goes through them in order until one is left. */
export function extraReferences(image: Pick<PruneImage, 'tags' | 'digests'>): readonly string[] {
  let left = [...image.tags, ...image.digests].sort(byFull)
  const taken: string[] = []
  for (const reference of [...left]) {
    if (!left.includes(reference) || isSingleReference(left)) continue
    taken.push(reference)
    left = left.filter((one) => one !== reference)
    // With the last tag of a repository its digests go too.
    const same = left.filter((one) => nameOf(one) === nameOf(reference))
    if (!reference.includes('@') && same.every((one) => one.includes('@'))) {
      taken.push(...same)
      left = left.filter((one) => !same.includes(one))
    }
  }
  return taken
}

/** What a prune removes: `all` as with `-a`, else only images without a tag. An image in use is never deleted. */
export function planImages({ images, holders }: PruneFacts, all: boolean): PrunePreview {
  const isUsed = ({ id }: PruneImage): boolean => (holders.get(id)?.length ?? 0) > 0
  const wanted = images.filter((image) => !isUsed(image) && (all || image.tags.length === 0))
  const extra = all ? images.filter(isUsed).map((image) => ({ image, references: extraReferences(image) })).filter(({ references }) => references.length > 0) : []
  const going = new Set(wanted.map(({ id }) => id))
  const staying = new Set(images.filter(({ id }) => !going.has(id)).flatMap(({ layers }) => layers.map(({ chainId }) => chainId)))
  const { layers, indexOf } = numberLayers(wanted, staying)
  const items: PruneItem[] = wanted.map((image) => ({
    ...base(image),
    reason: image.tags.length === 0 ? 'dangling' : 'unused',
    references: referencesOf(image),
    layers: image.layers.map(({ chainId }) => indexOf(chainId)),
  }))
  const extras: PruneItem[] = extra.map(({ image, references }) => ({ ...base(image), reason: 'extra-tags', references, layers: [] }))
  const kept: PruneKept[] = images.filter((image) => isUsed(image) && (all || image.tags.length === 0)).map((image) => ({
    id: image.id,
    name: nameShown(image),
    holders: holders.get(image.id) ?? [],
  }))
  return { kind: 'images', all, items: [...items.sort((a, b) => b.sizeBytes - a.sizeBytes), ...extras], layers, kept, keptCount: 0 }
}

/** A digest goes with the last tag of its repository. */
function referencesOf({ tags, digests }: PruneImage): readonly string[] {
  const tagged = new Set(tags.map(nameOf))
  return [...tags, ...digests.filter((digest) => !tagged.has(nameOf(digest)))]
}

const nameShown = ({ tags, digests }: PruneImage): string => tags[0] ?? digests[0] ?? ''

function base(image: PruneImage): Pick<PruneItem, 'id' | 'name' | 'sizeBytes' | 'createdAt' | 'needs'> {
  return { id: image.id, name: nameShown(image), sizeBytes: image.sizeBytes, createdAt: image.createdAt, needs: [] }
}

function numberLayers(wanted: readonly PruneImage[], staying: ReadonlySet<string>): { layers: PruneLayer[]; indexOf: (chainId: string) => number } {
  const numbers = new Map<string, number>()
  const layers: PruneLayer[] = []
  for (const { layers: own } of wanted) {
    for (const { chainId, bytes, cached } of own) {
      if (numbers.has(chainId)) continue
      numbers.set(chainId, layers.length)
      layers.push({ bytes, kept: cached || staying.has(chainId) })
    }
  }
  return { layers, indexOf: (chainId) => numbers.get(chainId) ?? -1 }
}
