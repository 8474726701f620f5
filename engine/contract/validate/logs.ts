import * as v from 'valibot'
import type { LogMethods, LogStreams } from '../parts/logs.ts'
import type { LogLevel } from '../models.ts'
import { containerId, ofEngine, text, whole } from './shapes.ts'
import type { Schema } from './shapes.ts'

const viewId = text(100)
const filterId = v.optional(whole(0, Number.MAX_SAFE_INTEGER))
const folded = v.optional(v.boolean())
const query = text(10_000)
/** Milliseconds since 1970: any moment a Date can be. */
const moment = v.pipe(v.number(), v.minValue(-8.64e15), v.maxValue(8.64e15))
const terms = v.pipe(v.array(v.strictObject({ query: v.pipe(query, v.minLength(1)), regex: v.boolean(), caseSensitive: v.boolean(), word: v.optional(v.boolean()) })), v.maxLength(20))
const levels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'unknown'] as const satisfies readonly LogLevel[]
const filter = v.strictObject({
  include: terms,
  exclude: terms,
  levels: v.pipe(v.array(v.picklist(levels)), v.maxLength(levels.length)),
  stream: v.picklist(['all', 'stdout', 'stderr']),
  sources: v.pipe(v.array(whole(0, 254)), v.maxLength(200)),
  context: whole(0, 100),
  fromLine: whole(0, Number.MAX_SAFE_INTEGER),
  since: v.nullable(moment),
  until: v.nullable(moment),
})

const typed = v.pipe(v.array(query), v.maxLength(20))
export const savedLogSearches = v.pipe(
  v.array(
    v.strictObject({
      name: v.pipe(text(100), v.minLength(1)),
      include: typed,
      exclude: typed,
      levels: filter.entries.levels,
      stream: filter.entries.stream,
      context: filter.entries.context,
      word: v.boolean(),
      columns: v.optional(v.pipe(v.array(text(500)), v.maxLength(20))),
      search: v.strictObject({ query, regex: v.boolean(), caseSensitive: v.boolean(), word: v.optional(v.boolean()) }),
    }),
  ),
  v.maxLength(100),
  v.check((saved) => new Set(saved.map(({ name }) => name)).size === saved.length, 'two have one name'),
)

export const LOG_METHOD_ARGS = {
  'logs.open': v.strictObject({
    ...ofEngine,
    containerIds: v.pipe(v.array(containerId), v.minLength(1), v.maxLength(200)),
    tail: whole(0, 10_000_000),
    since: v.optional(moment),
  }),
  'logs.join': v.strictObject({ viewId, containerIds: v.pipe(v.array(containerId), v.minLength(1), v.maxLength(200)) }),
  'logs.close': v.strictObject({ viewId }),
  'logs.filter': v.strictObject({ viewId, filter: v.nullable(filter) }),
  'logs.fold': v.strictObject({ viewId, filterId, row: whole(0, Number.MAX_SAFE_INTEGER), open: v.boolean() }),
  'logs.place': v.strictObject({
    viewId,
    filterId,
    folded,
    at: v.union([v.strictObject({ time: moment }), v.strictObject({ line: whole(0, Number.MAX_SAFE_INTEGER) })]),
  }),
  'logs.window': v.strictObject({ viewId, filterId, folded, from: whole(0, Number.MAX_SAFE_INTEGER), count: whole(0, 2_000) }),
  'logs.mark': v.strictObject({ viewId, filterId, folded, row: whole(0, Number.MAX_SAFE_INTEGER) }),
  'logs.find': v.strictObject({
    viewId,
    filterId,
    folded,
    mark: v.strictObject({ source: whole(0, 254), time: moment, nth: whole(0, Number.MAX_SAFE_INTEGER) }),
  }),
} satisfies { readonly [M in keyof LogMethods]: Schema }

export const LOG_STREAM_ARGS = {
  'logs.watch': v.strictObject({ viewId }),
  'logs.search': v.strictObject({
    viewId,
    filterId,
    folded,
    query,
    regex: v.boolean(),
    caseSensitive: v.boolean(),
    word: v.optional(v.boolean()),
  }),
  'logs.histogram': v.strictObject({
    viewId,
    filter: v.nullable(filter),
    since: v.nullable(moment),
    until: v.nullable(moment),
    bars: whole(10, 1_000),
  }),
  'logs.export': v.strictObject({
    viewId,
    filterId,
    timestamps: v.boolean(),
    stripAnsi: v.boolean(),
    json: v.optional(v.pipe(v.array(v.strictObject({ id: containerId, name: text(1_000) })), v.maxLength(200))),
  }),
} satisfies { readonly [S in keyof LogStreams]: Schema }
