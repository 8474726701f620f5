import * as v from 'valibot'
import type { LogMethods, LogStreams } from '../parts/logs.ts'
import { containerId, ofEngine, text, whole } from './shapes.ts'
import type { Schema } from './shapes.ts'

const viewId = text(100)

export const LOG_METHOD_ARGS = {
  'logs.open': v.strictObject({
    ...ofEngine,
    containerIds: v.pipe(v.array(containerId), v.minLength(1), v.maxLength(200)),
    tail: whole(0, 10_000_000),
  }),
  'logs.close': v.strictObject({ viewId }),
  'logs.window': v.strictObject({ viewId, from: whole(0, Number.MAX_SAFE_INTEGER), count: whole(0, 2_000) }),
} satisfies { readonly [M in keyof LogMethods]: Schema }

export const LOG_STREAM_ARGS = {
  'logs.watch': v.strictObject({ viewId }),
  'logs.search': v.strictObject({
    viewId,
    query: text(10_000),
    regex: v.boolean(),
    caseSensitive: v.boolean(),
  }),
  'logs.export': v.strictObject({ viewId, timestamps: v.boolean(), stripAnsi: v.boolean() }),
} satisfies { readonly [S in keyof LogStreams]: Schema }
