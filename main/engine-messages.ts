/** What the main process and the engine process tell each other besides the link's ports. */
import type { AppInfo } from '../engine/contract/models.ts'

/** Options of the engine room in a form that crosses processes. */
export interface EngineOptions {
  readonly stateFolder: string
  readonly shell: AppInfo['shell']
  readonly version: string
  readonly bundleFolder: string
  readonly welcomeImage: string
  readonly logWorkerPath: string
  readonly layerWorkerPath: string
  readonly home: string
}

export type ToEngine =
  | { readonly kind: 'start'; readonly options: EngineOptions }
  /** Carries one MessagePort: a new peer of the link. */
  | { readonly kind: 'attach' }
  /** Let go of everything and exit; engines and containers live on. */
  | { readonly kind: 'close' }

export type FromEngine = { readonly kind: 'ready' } | { readonly kind: 'closed' }
