/** Looking after an engine that Naru brings: what a reset takes away, the reset, the repair of a damaged disk. */
import type { EngineLoss } from '../models.ts'
import type { MethodRule, Nothing, OfEngine } from './rules.ts'

export interface CareMethods {
  /** What `engines.reset` would take away. Code `unsupported` for an engine that is not Naru's. */
  'engines.loss': { arg: OfEngine; result: EngineLoss }
}

export interface CareOperations {
  /**
   * Ends the engine with everything in it, deletes its data and starts it empty. `consent`: from `engines.loss`, used up
   * by this. Codes `unsupported`, `conflict` (something of this engine is under way; consent missing or used).
   */
  'engines.reset': { arg: OfEngine & { readonly consent: string }; result: Nothing }
  /** Starts it and lets the check of its damaged disk change that disk. */
  'engines.repair': { arg: OfEngine; result: Nothing }
}

export const CARE_METHOD_RULES: { readonly [M in keyof CareMethods]: MethodRule } = {
  'engines.loss': { mutates: false, limitMs: 60_000 },
}
