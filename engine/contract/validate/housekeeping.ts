import * as v from 'valibot'
import type { HousekeepingMethods, HousekeepingOperations, HousekeepingStreams } from '../parts/housekeeping.ts'
import { objectId, ofEngine, onContainer, text, whole } from './shapes.ts'
import type { Schema } from './shapes.ts'

/** Without NUL, which no file name has. */
const path = v.pipe(text(4_096), v.minLength(1), v.check((value) => !value.includes('\0'), 'no file name'))
const fileName = v.pipe(text(255), v.minLength(1))
const transferId = text(100)

export const transferSource = v.strictObject({ kind: v.literal('transfer'), transferId, name: fileName, sizeBytes: whole(0, Number.MAX_SAFE_INTEGER) })
const source = v.variant('kind', [
  transferSource,
  v.strictObject({ kind: v.literal('path'), path }),
])
export const archiveTarget = v.variant('kind', [
  v.strictObject({ kind: v.literal('transfer'), transferId, name: fileName }),
  v.strictObject({ kind: v.literal('path'), path, overwrite: v.boolean() }),
])
const many = <S extends Schema>(one: S, most: number) => v.pipe(v.array(one), v.maxLength(most))

export const HOUSEKEEPING_METHOD_ARGS: { readonly [M in keyof HousekeepingMethods]: Schema } = {
  'images.look-up': v.strictObject({ ...ofEngine, reference: text(1_000) }),
  'prune.preview': v.strictObject({ ...ofEngine, kind: v.picklist(['images', 'build-cache']), all: v.boolean() }),
}

export const HOUSEKEEPING_STREAM_ARGS: { readonly [S in keyof HousekeepingStreams]: Schema } = {
  'images.updates': v.strictObject({ ...ofEngine, references: many(text(1_000), 1_000), fresh: v.boolean() }),
}

export const HOUSEKEEPING_OPERATION_ARGS: { readonly [N in keyof HousekeepingOperations]: Schema } = {
  'images.tag': v.strictObject({ ...ofEngine, source: objectId, target: text(1_000) }),
  'images.save': v.strictObject({ ...ofEngine, references: v.pipe(v.array(objectId), v.minLength(1), v.maxLength(200)), target: archiveTarget }),
  'images.load': v.strictObject({ ...ofEngine, source }),
  'images.import': v.strictObject({ ...ofEngine, source, reference: text(1_000), message: text(2_000), changes: many(text(10_000), 100) }),
  'containers.export': v.strictObject({ ...onContainer, target: archiveTarget }),
  'images.prune': v.strictObject({
    ...ofEngine,
    all: v.boolean(),
    only: v.optional(many(v.strictObject({ id: objectId, references: many(objectId, 500) }), 5_000)),
  }),
  'builds.prune': v.strictObject({ ...ofEngine, all: v.boolean(), only: v.optional(many(objectId, 20_000)) }),
}
