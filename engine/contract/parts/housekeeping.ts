/** Tidying up images and the build cache: tags, archives, prunes, newer images. */
import type { ArchiveSource, ArchiveTarget, ArchiveWritten, PruneKind, PrunePreview, PruneResult, RegistryLook, UpdateCheck } from '../models.ts'
import type { MethodRule, OfEngine, OnContainer, StreamRule } from './rules.ts'

export interface HousekeepingMethods {
  /** Whether a registry has an image, with the login there is for it. Answers are kept for a moment. Code `invalid-reference`. */
  'images.look-up': { arg: OfEngine & { readonly reference: string }; result: RegistryLook }
  /** What a prune would remove, item by item. `all`: also what has a tag (images), what images share (build cache). */
  'prune.preview': { arg: OfEngine & { readonly kind: PruneKind; readonly all: boolean }; result: PrunePreview }
}

export interface HousekeepingStreams {
  /**
   * Asks the registries which of these tags have something newer; one item each, as answers come. Answers are kept for a
   * while: `fresh` asks again. Registries that fail are items with an error.
   */
  'images.updates': { arg: OfEngine & { readonly references: readonly string[]; readonly fresh: boolean }; item: UpdateCheck }
}

export interface HousekeepingOperations {
  /** `source`: name or id. An image that had the name loses it: `replacedId`. */
  'images.tag': {
    arg: OfEngine & { readonly source: string; readonly target: string }
    result: { readonly reference: string; readonly replacedId?: string }
  }
  'images.save': { arg: OfEngine & { readonly references: readonly string[]; readonly target: ArchiveTarget }; result: ArchiveWritten }
  /** Names (or ids, of images without one) that the archive held. */
  'images.load': { arg: OfEngine & { readonly source: ArchiveSource }; result: { readonly loaded: readonly string[] } }
  /** An image with one layer from a root filesystem's tar. */
  'images.import': {
    arg: OfEngine & {
      readonly source: ArchiveSource
      readonly reference: string
      readonly message: string
      readonly changes: readonly string[]
    }
    result: { readonly imageId: string }
  }
  'containers.export': { arg: OnContainer & { readonly target: ArchiveTarget }; result: ArchiveWritten }
  /** Without `only` the engine's own prune; with it these are removed one by one. */
  'images.prune': {
    arg: OfEngine & {
      readonly all: boolean
      readonly only?: readonly { readonly id: string; readonly references: readonly string[] }[]
    }
    result: PruneResult
  }
  'builds.prune': { arg: OfEngine & { readonly all: boolean; readonly only?: readonly string[] }; result: PruneResult }
}

export const HOUSEKEEPING_METHOD_RULES = {
  'images.look-up': { mutates: false, limitMs: 40_000 },
  'prune.preview': { mutates: false, limitMs: 120_000 },
} as const satisfies { readonly [M in keyof HousekeepingMethods]: MethodRule }

export const HOUSEKEEPING_STREAM_RULES = {
  'images.updates': { noCredit: 'pause', window: 64, unit: 'items' },
} as const satisfies { readonly [S in keyof HousekeepingStreams]: StreamRule }
