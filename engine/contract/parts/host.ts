/** What is on this machine, as far as a form has to know. */
import type { PathKind } from '../models.ts'
import type { MethodRule } from './rules.ts'

export interface HostMethods {
  /** What each path is on this machine; in the order asked. */
  'host.paths': { arg: { readonly paths: readonly string[] }; result: { readonly kinds: readonly PathKind[] } }
}

export const HOST_METHOD_RULES: { readonly [M in keyof HostMethods]: MethodRule } = {
  'host.paths': { mutates: false, limitMs: 5_000 },
}
