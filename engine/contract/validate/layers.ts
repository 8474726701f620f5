import * as v from 'valibot'
import type { LayerMethods, LayerOperations, LayerStreams } from '../parts/layers.ts'
import { engineId, text, whole } from './shapes.ts'
import type { Schema } from './shapes.ts'

const imageId = v.pipe(v.string(), v.regex(/^sha256:[0-9a-f]{64}$/))
const ofAnalysis = { engineId, imageId }
const view = v.strictObject({ kind: v.picklist(['layer', 'stack']), layer: whole(0, 10_000) })
/** Longer ones are refused in archives; a byte that is no UTF-8 is shown as four letters. */
const path = text(4 * 32 * 1024)
const marks = v.optional(v.pipe(v.array(v.picklist(['added', 'changed', 'removed', 'unmodified'])), v.maxLength(4)))
const ofFile = { ...ofAnalysis, view, path }
const listing = {
  path,
  marks,
  text: v.optional(text(1_000)),
  sort: v.picklist(['name', 'size']),
  descending: v.boolean(),
  offset: whole(0, Number.MAX_SAFE_INTEGER),
  limit: whole(1, 1_000),
}

export const LAYER_METHOD_ARGS = {
  'layers.summary': v.strictObject(ofAnalysis),
  'layers.list': v.strictObject({ ...ofAnalysis, view, ...listing }),
  'layers.stat': v.strictObject(ofFile),
  'layers.find': v.strictObject({ ...ofAnalysis, view, text: v.pipe(text(1_000), v.minLength(1)), marks, limit: whole(1, 1_000) }),
  'layers.compare': v.strictObject({ ...ofAnalysis, other: v.strictObject(ofAnalysis), ...listing }),
  'layers.read': v.strictObject({ ...ofFile, offset: whole(0, Number.MAX_SAFE_INTEGER), length: whole(1, 256 * 1024) }),
} satisfies { readonly [M in keyof LayerMethods]: Schema }

export const LAYER_STREAM_ARGS = {
  'layers.extract': v.strictObject(ofFile),
} satisfies { readonly [S in keyof LayerStreams]: Schema }

export const LAYER_OPERATION_ARGS = {
  'layers.analyse': v.strictObject(ofAnalysis),
} satisfies { readonly [O in keyof LayerOperations]: Schema }
