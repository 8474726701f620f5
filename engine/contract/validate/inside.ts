import * as v from 'valibot'
import type { InsideMethods, InsideOperations } from '../parts/inside.ts'
import { bare, onContainer, text, whole } from './shapes.ts'
import type { Schema } from './shapes.ts'

export const INSIDE_METHOD_ARGS = {
  'containers.top': bare,
  'containers.changes': bare,
} satisfies { readonly [M in keyof InsideMethods]: Schema }

const bytes = whole(1, Number.MAX_SAFE_INTEGER)

export const INSIDE_OPERATION_ARGS = {
  'containers.update': v.strictObject({
    ...onContainer,
    memoryBytes: v.optional(bytes),
    memorySwapBytes: v.optional(v.union([v.literal(-1), bytes])),
    cpus: v.optional(v.pipe(v.number(), v.minValue(0.001), v.maxValue(100_000))),
    pidsLimit: v.optional(v.union([v.literal(-1), whole(1, 10_000_000)])),
    restart: v.optional(v.strictObject({ name: v.picklist(['no', 'always', 'unless-stopped', 'on-failure']), maximumRetryCount: v.optional(whole(0, 1_000_000)) })),
  }),
  'containers.commit': v.strictObject({
    ...onContainer,
    reference: text(1_000),
    message: text(10_000),
    author: text(1_000),
    pause: v.boolean(),
    changes: v.pipe(v.array(text(10_000)), v.maxLength(100)),
  }),
} satisfies { readonly [N in keyof InsideOperations]: Schema }
