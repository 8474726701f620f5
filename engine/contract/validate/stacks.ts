import * as v from 'valibot'
import type { StackMethods } from '../parts/stacks.ts'
import { containerId, objectId, ofEngine } from './shapes.ts'
import type { Schema } from './shapes.ts'

export const STACK_METHOD_ARGS = {
  'stacks.image': v.strictObject({ ...ofEngine, id: objectId }),
  'stacks.sums': v.strictObject(ofEngine),
  'stacks.writable': v.strictObject({ ...ofEngine, ids: v.pipe(v.array(containerId), v.minLength(1), v.maxLength(200)) }),
} satisfies { readonly [M in keyof StackMethods]: Schema }
