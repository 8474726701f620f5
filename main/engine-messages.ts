/** What the main process and the engine process tell each other besides the link's ports. */
import type { AppInfo } from '../engine/contract/models.ts'

/** Options of the engine room in a form that crosses processes. */
export interface EngineOptions {
  readonly stateFolder: string
  readonly shell: AppInfo['shell']
  readonly version: string
  readonly bundleFolder: string
  readonly vmImageFolder: string
  readonly vmQemuFolder: string
  readonly vmSetup?: { readonly file: string; readonly args: readonly string[]; readonly env: Readonly<Record<string, string>> }
  readonly welcomeImage: string
  readonly logWorkerPath: string
  readonly layerWorkerPath: string
  readonly home: string
  /** Program and arguments that start this Naru. */
  readonly command: readonly string[]
}

export type ToEngine =
  | { readonly kind: 'start'; readonly options: EngineOptions }
  /** Carries one MessagePort: a new peer of the link. */
  | { readonly kind: 'attach' }
  /** Let go of everything and exit; engines and containers live on. */
  | { readonly kind: 'close' }
  | SecretAnswer

/** A text to be sealed by the system's keychain, or a sealed one (base64) to be opened. */
export interface SecretQuestion {
  readonly kind: 'secret'
  readonly id: number
  readonly act: 'available' | 'seal' | 'open'
  readonly text: string
}

/** `text` is the result, or why there is none; never the text that was asked about. */
export interface SecretAnswer {
  readonly kind: 'secret'
  readonly id: number
  readonly ok: boolean
  readonly text: string
}

export type FromEngine = { readonly kind: 'ready' } | { readonly kind: 'closed' } | { readonly kind: 'closing'; readonly limitMs: number } | { readonly kind: 'login-item'; readonly enabled: boolean } | SecretQuestion
