/** Naru's check of itself. */
import type { CheckResult, SupportBundle } from '../models.ts'
import type { MethodRule, Nothing, StreamRule } from './rules.ts'

export interface DiagnosticMethods {
  /**
   * Gathers a support bundle and gives it to be looked at; nothing is written or sent. `report`: the self-check in the
   * person's words. `addresses`: names and addresses of hosts stay in.
   */
  'support.gather': { arg: { readonly report: string; readonly addresses: boolean }; result: SupportBundle }
  /** Writes what was gathered, never over another file. Codes `not-found` (`bundle-gone`), `conflict`, `denied`, `no-space`, `invalid-request` {path}. */
  'support.save': { arg: { readonly id: string; readonly path: string }; result: { readonly path: string; readonly bytes: number } }
}

export const DIAGNOSTIC_METHOD_RULES: { readonly [M in keyof DiagnosticMethods]: MethodRule } = {
  'support.gather': { mutates: false, limitMs: 60_000 },
  'support.save': { mutates: true, limitMs: 60_000 },
}

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
