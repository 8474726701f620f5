/** Previews and results of tidying up, and what registries have that an engine has not. */
import type { ErrorEnvelope } from '../errors.ts'

export type PruneKind = 'images' | 'build-cache'

/**
 * Why something may go. `dangling`: no tag points at it. `unused`: no container was made from it. `extra-tags`: an image
 * in use keeps one name and loses the others (what `docker image prune -a` does). `cache`: a step that can be built again.
 */
export type PruneReason = 'dangling' | 'unused' | 'extra-tags' | 'cache'

export interface PruneItem {
  /** Image id, or id of the record of the build cache. */
  readonly id: string
  /** First tag, description of the build step; empty for an image without any name. */
  readonly name: string
  readonly reason: PruneReason
  /** Names that are taken off: all of an image that is deleted. */
  readonly references: readonly string[]
  /** Size as the engine lists it; what going frees is told by `layers`. */
  readonly sizeBytes: number
  readonly createdAt: number
  /** Build cache only; 0 = never. */
  readonly lastUsedAt?: number
  /** Build cache: what the record is (`regular`, `source.local`, `exec.cachemount`…). */
  readonly type?: string
  /** Indexes into `PrunePreview.layers`. */
  readonly layers: readonly number[]
  /** Ids of items that must go first. */
  readonly needs: readonly string[]
}

/** Bytes that become free when the last of its items has gone. */
export interface PruneLayer {
  readonly bytes: number
  /** Something that stays holds it too: an image, the build cache. */
  readonly kept: boolean
}

export interface PruneKept {
  readonly id: string
  readonly name: string
  /** Names of the containers in the way. */
  readonly holders: readonly string[]
}

export interface PrunePreview {
  readonly kind: PruneKind
  readonly all: boolean
  readonly items: readonly PruneItem[]
  readonly layers: readonly PruneLayer[]
  /** Images protected by containers; empty for the build cache. */
  readonly kept: readonly PruneKept[]
  /** Records of the build cache that are in use or belong to an image. */
  readonly keptCount: number
}

export interface PruneFailure {
  readonly name: string
  readonly error: ErrorEnvelope
}

export interface PruneResult {
  /** Ids of images or cache records that went. */
  readonly deleted: readonly string[]
  readonly untagged: readonly string[]
  readonly reclaimedBytes: number
  /** What did not go although it was asked for. */
  readonly failed: readonly PruneFailure[]
}

/**
 * What a registry says of a name. `refused`: it wants a login, or hides that there is no such image. `unknown`: this engine
 * cannot ask it.
 */
export interface RegistryLook {
  readonly state: 'there' | 'missing' | 'refused' | 'unreachable' | 'unknown'
  /** To be downloaded, for the engine's platform, without what is here already; only Docker Hub tells. */
  readonly sizeBytes?: number
  /** Of `refused` and `unreachable`. */
  readonly error?: ErrorEnvelope
}

/** `newer`: the registry has something else under this name. `local`: never pulled or pushed, nothing to compare. */
export type UpdateState = 'current' | 'newer' | 'local' | 'failed'

export interface UpdateCheck {
  /** `name:tag`, familiar form. */
  readonly reference: string
  readonly imageId: string
  readonly state: UpdateState
  /** Digest the registry has under the name. */
  readonly remoteDigest?: string
  readonly checkedAt: number
  readonly error?: ErrorEnvelope
}
