/** Inside one container: asked while somebody looks at it, never in the background. */
import type { ContainerProcesses } from '../models.ts'
import type { MethodRule, OnContainer } from './rules.ts'

export interface InsideMethods {
  /** Its processes as the host sees them; at most 2 000 rows. Code `conflict` when it does not run. */
  'containers.top': { arg: OnContainer; result: ContainerProcesses }
}

export const INSIDE_METHOD_RULES = {
  'containers.top': { mutates: false, limitMs: 15_000 },
} as const satisfies { readonly [M in keyof InsideMethods]: MethodRule }
