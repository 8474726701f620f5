/** What removing images means before it is done: which names go, what stands in the way, what the engine is asked. Pure. */
import { joinCommand } from '../../../engine/containers/run-command.ts'
import type { ContainerRow, ImageRow, ImageStack } from '../../../engine/contract/models.ts'
import { referenceOf } from './names.ts'

/** `stopped`: only force helps, and it is harmless to what runs; `running`: nothing helps but stopping them. */
export type Obstacle = 'none' | 'stopped' | 'running'

export interface Holder {
  readonly id: string
  readonly name: string
  readonly running: boolean
}

export interface RemovalSubject {
  readonly image: ImageRow
  readonly holders: readonly Holder[]
  readonly obstacle: Obstacle
}

const ALIVE: ReadonlySet<string> = new Set(['running', 'paused', 'restarting'])

export function removalSubject(image: ImageRow, users: readonly ContainerRow[]): RemovalSubject {
  const holders = users.map(({ id, name, state }) => ({ id, name, running: ALIVE.has(state) }))
  const obstacle = holders.some((holder) => holder.running) ? 'running' : holders.length > 0 ? 'stopped' : 'none'
  return { image, holders, obstacle }
}

/** `delete` = the image with every tag; a text = only that tag. */
export type RemovalChoice = { readonly kind: 'delete' } | { readonly kind: 'untag'; readonly tag: string }

export interface RemovalStep {
  readonly reference: string
  readonly force: boolean
}

/**
 * What the engine is asked; null when it cannot be done. Taking off the last tag deletes the image, so that is no untag.
 * An image with several tags is deleted by its id, which the engine only does by force.
 */
export function removalStep(subject: RemovalSubject, choice: RemovalChoice, force: boolean): RemovalStep | null {
  const { image, obstacle } = subject
  if (choice.kind === 'untag' && image.tags.length > 1) return { reference: choice.tag, force: false }
  if (obstacle === 'running' || (obstacle === 'stopped' && !force)) return null
  if (image.tags.length > 1) return { reference: image.id, force: true }
  return { reference: image.tags[0] ?? (image.digests.length > 0 ? referenceOf(image) : image.id), force: obstacle === 'stopped' }
}

/** The command lines that do the same, forced ones apart from the others. */
export function removalCommand(steps: readonly RemovalStep[]): string {
  const line = (force: boolean): string => {
    const names = steps.filter((step) => step.force === force).map((step) => step.reference)
    return names.length === 0 ? '' : joinCommand(['docker', 'rmi', ...(force ? ['-f'] : []), ...names])
  }
  return [line(false), line(true)].filter(Boolean).join(' && ')
}

/** What stays when an image goes, and what its going frees. */
export interface RemovalRemains {
  readonly freedBytes: number
  /** Layers that other images have as well. */
  readonly keptLayers: number
  readonly keptBytes: number
  /** Images that have all of its layers: built on it, or of the same layers; at most 100. */
  readonly builtOn: readonly string[]
  /** How many those are in all. */
  readonly builtOnCount: number
}

export function removalRemains({ uniqueBytes, sharedBytes, layers }: ImageStack): RemovalRemains {
  const top = layers.at(-1)
  return {
    freedBytes: uniqueBytes,
    keptLayers: layers.filter(({ sharedCount }) => sharedCount > 0).length,
    keptBytes: sharedBytes,
    builtOn: top?.sharedWith ?? [],
    builtOnCount: top?.sharedCount ?? 0,
  }
}

export interface RemovalOutcome {
  readonly untagged: readonly string[]
  /** The image itself went, not only a name of it. */
  readonly imageGone: boolean
  /** Layers that went with it. */
  readonly layers: number
}

/** The engine's answer as a person reads it: names by digest are left out where a tag of the same went too. */
export function removalOutcome(imageId: string, result: { readonly untagged: readonly string[]; readonly deleted: readonly string[] }): RemovalOutcome {
  const tags = result.untagged.filter((name) => !name.includes('@'))
  const imageGone = result.deleted.includes(imageId)
  return {
    untagged: tags.length > 0 ? tags : result.untagged,
    imageGone,
    layers: result.deleted.filter((id) => id !== imageId).length,
  }
}
