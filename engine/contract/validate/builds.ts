import * as v from 'valibot'
import type { BuildMethods, BuildOperations, BuildStreams } from '../parts/builds.ts'
import { nothing, ofEngine, text, whole } from './shapes.ts'
import type { Schema } from './shapes.ts'

const buildId = v.pipe(v.string(), v.regex(/^[\w-]{1,100}$/))
const path = v.pipe(text(4_096), v.regex(/^[^\0]*$/))
const pairs = (nameLimit: number) => v.pipe(v.array(v.strictObject({ name: v.pipe(text(nameLimit), v.minLength(1)), value: text(131_072) })), v.maxLength(500))

const spec = v.strictObject({
  folder: v.pipe(path, v.minLength(1)),
  dockerfile: v.optional(path),
  target: v.optional(text(300)),
  buildArgs: pairs(1_000),
  tags: v.pipe(v.array(text(1_000)), v.maxLength(100)),
  platform: v.optional(text(100)),
  noCache: v.boolean(),
  pull: v.boolean(),
  labels: pairs(1_000),
})

export const BUILD_METHOD_ARGS = {
  'builds.open': v.strictObject({ folder: path, dockerfile: v.optional(path) }),
  'builds.log': v.strictObject({
    buildId,
    stepId: v.nullable(v.pipe(v.string(), v.regex(/^s\d{1,6}$/))),
    from: whole(0, Number.MAX_SAFE_INTEGER),
    count: whole(0, 1_000),
  }),
  'builds.remove': v.strictObject({ buildIds: v.pipe(v.array(buildId), v.maxLength(1_000)) }),
  'builds.cache': v.strictObject(ofEngine),
  'files.list-folders': v.strictObject({ path }),
} satisfies { readonly [M in keyof BuildMethods]: Schema }

export const BUILD_STREAM_ARGS = {
  'builds.watch': nothing,
  'builds.steps': v.strictObject({ buildId }),
} satisfies { readonly [S in keyof BuildStreams]: Schema }

export const BUILD_OPERATION_ARGS = {
  'builds.start': v.strictObject({ ...ofEngine, spec }),
} satisfies { readonly [N in keyof BuildOperations]: Schema }
