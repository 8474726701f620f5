import * as v from 'valibot'
import type { InsideMethods, InsideOperations } from '../parts/inside.ts'
import { bare, onContainer, text } from './shapes.ts'
import type { Schema } from './shapes.ts'

export const INSIDE_METHOD_ARGS = {
  'containers.top': bare,
  'containers.changes': bare,
} satisfies { readonly [M in keyof InsideMethods]: Schema }

export const INSIDE_OPERATION_ARGS = {
  'containers.commit': v.strictObject({
    ...onContainer,
    reference: text(1_000),
    message: text(10_000),
    author: text(1_000),
    pause: v.boolean(),
    changes: v.pipe(v.array(text(10_000)), v.maxLength(100)),
  }),
} satisfies { readonly [N in keyof InsideOperations]: Schema }
