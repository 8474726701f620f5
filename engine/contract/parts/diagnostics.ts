/** Naru's check of itself. */
import type { CheckResult } from '../models.ts'
import type { Nothing, StreamRule } from './rules.ts'

export interface DiagnosticStreams {
  /**
   * Runs every check on the engine in use and on this machine: one item for each of `CHECK_IDS`, in the order they end.
   * Changes nothing. Leaving the stream ends what still runs.
   */
  'diagnostics.run': { arg: Nothing; item: CheckResult }
}

export const DIAGNOSTIC_STREAM_RULES = {
  'diagnostics.run': { noCredit: 'pause', window: 32, unit: 'items' },
} as const satisfies { readonly [S in keyof DiagnosticStreams]: StreamRule }
