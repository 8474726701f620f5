/** Naru's check of itself and of what it stands on: what was looked at, what was found, what can be done. */
import type { ErrorEnvelope } from '../errors.ts'

/** Every check, in the order they are shown. Each is a file of this name below `engine/diagnostics/checks`. */
export const CHECK_IDS = ['engine', 'versions', 'access', 'disk', 'cgroup', 'virtualisation', 'firewall', 'ports', 'names', 'registry', 'clock', 'leftovers'] as const

export type CheckId = (typeof CHECK_IDS)[number]

/** `warned`: works, but not as it should; `skipped`: has nothing to say here and now. */
export type CheckState = 'passed' | 'warned' | 'failed' | 'skipped'

/**
 * Fills the gaps of the sentence; never secrets, the home folder is written `~`. Names that end in `Bytes` are sizes, in
 * `Ms` durations in milliseconds; `engineId` is shown as the engine's name in the gap `{engine}`.
 */
export type CheckParams = Readonly<Record<string, string | number>>

export type CheckScreen = 'engines' | 'images' | 'ports' | 'settings' | 'registries'

/** What can be done about it. All but `command` Naru does at a click. */
export type CheckFix =
  | { readonly kind: 'start' | 'retry'; readonly engineId: string }
  | { readonly kind: 'screen'; readonly screen: CheckScreen }
  /** For a terminal; nothing runs it. */
  | { readonly kind: 'command'; readonly command: string }

/** A text of a support bundle, as it is written. */
export interface SupportFile {
  readonly name: string
  readonly text: string
  readonly bytes: number
}

/** What would be written; nothing is yet. */
export interface SupportBundle {
  readonly id: string
  /** Of its folder in the archive, and of the archive without its ending. */
  readonly name: string
  readonly files: readonly SupportFile[]
}

export interface CheckResult {
  readonly id: CheckId
  readonly state: CheckState
  /** Key below `diagnostics.why.<id>.` (or `diagnostics.why.any.`) in the catalogues, of a sentence and a next step. */
  readonly why: string
  readonly params: CheckParams
  /** The failure behind it; has its own sentence. */
  readonly error?: ErrorEnvelope
  readonly fixes: readonly CheckFix[]
  readonly tookMs: number
}
