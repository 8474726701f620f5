import type { EnvVar, PortProtocol } from './containers.ts'

export interface ImageRow {
  /** `sha256:…` */
  readonly id: string
  /** `name:tag` in familiar form; empty for a dangling image. */
  readonly tags: readonly string[]
  /** `name@sha256:…` */
  readonly digests: readonly string[]
  readonly createdAt: number
  readonly sizeBytes: number
  /** Bytes shared with other images; absent until asked for (`system.disk`). */
  readonly sharedBytes?: number
  readonly dangling: boolean
  readonly labels: Readonly<Record<string, string>>
}

export interface ImageDetail {
  readonly id: string
  readonly tags: readonly string[]
  readonly digests: readonly string[]
  readonly createdAt: number
  readonly sizeBytes: number
  readonly os: string
  readonly architecture: string
  readonly author: string
  readonly exposedPorts: readonly { readonly port: number; readonly protocol: PortProtocol }[]
  readonly env: readonly EnvVar[]
  readonly command: readonly string[]
  readonly entrypoint: readonly string[]
  readonly workingDir: string
  readonly user: string
  readonly volumes: readonly string[]
  readonly labels: Readonly<Record<string, string>>
  /** Base first. Instructions that made no layer have an empty `diffId`. */
  readonly layers: readonly ImageLayer[]
  /** Newest first, as `docker history` lists it. */
  readonly history: readonly ImageHistoryItem[]
  readonly raw: unknown
}

export interface ImageHistoryItem {
  /** `sha256:…`; empty where the engine has no image for the step. */
  readonly id: string
  /** Whole text, as the builder wrote it. */
  readonly createdBy: string
  readonly createdAt: number
  readonly sizeBytes: number
  readonly comment: string
  /** Only changed the configuration: no layer. */
  readonly empty: boolean
}

export interface ImageLayer {
  readonly instruction: string
  readonly sizeBytes: number
  readonly createdAt: number
  /** `sha256:…`, or empty when the instruction only changed the configuration. */
  readonly diffId: string
  /** Where the engine's host keeps the layer's files; only when the engine tells it for every layer. */
  readonly directory?: string
}
