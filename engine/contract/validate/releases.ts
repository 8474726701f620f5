import * as v from 'valibot'
import type { ReleaseMethods, ReleaseStreams } from '../parts/releases.ts'
import { nothing, text } from './shapes.ts'
import type { Schema } from './shapes.ts'

export const RELEASE_METHOD_ARGS = {
  'releases.skip': v.strictObject({ version: text(30) }),
} satisfies { readonly [M in keyof ReleaseMethods]: Schema }

export const RELEASE_STREAM_ARGS = {
  'releases.watch': nothing,
} satisfies { readonly [S in keyof ReleaseStreams]: Schema }
