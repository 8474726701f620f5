/** Why one container does not run: asked while somebody looks at it. */
import type { StopReport } from '../models.ts'
import type { MethodRule, OnContainer } from './rules.ts'

export interface WhyMethods {
  /** Code `not-found`. What the engine does not tell in time is left out of the answer. */
  'containers.why-stopped': { arg: OnContainer; result: StopReport }
}

export const WHY_METHOD_RULES = {
  'containers.why-stopped': { mutates: false, limitMs: 20_000 },
} as const satisfies { readonly [M in keyof WhyMethods]: MethodRule }
