/** New versions of Naru: looked for when the person wants that, never fetched. */
import type { ReleaseLook } from '../models.ts'
import type { MethodRule, Nothing, StreamRule } from './rules.ts'

export interface ReleaseMethods {
  /** This version is not spoken of any more; a later one is. */
  'releases.skip': { arg: { readonly version: string }; result: Nothing }
}

export interface ReleaseStreams {
  /** First item = what is known. */
  'releases.watch': { arg: Nothing; item: ReleaseLook }
}

export const RELEASE_METHOD_RULES = {
  'releases.skip': { mutates: true, limitMs: 5_000 },
} as const satisfies { readonly [M in keyof ReleaseMethods]: MethodRule }

export const RELEASE_STREAM_RULES = {
  'releases.watch': { noCredit: 'conflate', window: 4, unit: 'items' },
} as const satisfies { readonly [S in keyof ReleaseStreams]: StreamRule }
