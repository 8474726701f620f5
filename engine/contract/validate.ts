/** Shape of every argument that arrives at the engine room; anything else is refused with `invalid-request`. */
import * as v from 'valibot'
import type { MethodName, StreamName } from './contract.ts'
import type { OperationName } from './models.ts'
import { HOUSEKEEPING_METHOD_ARGS, HOUSEKEEPING_OPERATION_ARGS, HOUSEKEEPING_STREAM_ARGS } from './validate/housekeeping.ts'
import { BUILD_METHOD_ARGS, BUILD_OPERATION_ARGS, BUILD_STREAM_ARGS } from './validate/builds.ts'
import { LAYER_METHOD_ARGS, LAYER_OPERATION_ARGS, LAYER_STREAM_ARGS } from './validate/layers.ts'
import { CARE_METHOD_ARGS, CARE_OPERATION_ARGS } from './validate/care.ts'
import { DIAGNOSTIC_METHOD_ARGS, DIAGNOSTIC_STREAM_ARGS } from './validate/diagnostics.ts'
import { FILE_METHOD_ARGS, FILE_OPERATION_ARGS, FILE_STREAM_ARGS } from './validate/files.ts'
import { HOST_METHOD_ARGS } from './validate/host.ts'
import { INSIDE_METHOD_ARGS, INSIDE_OPERATION_ARGS } from './validate/inside.ts'
import { LOG_METHOD_ARGS, LOG_STREAM_ARGS, savedLogSearches } from './validate/logs.ts'
import { MACHINE_METHOD_ARGS, MACHINE_OPERATION_ARGS, MACHINE_STREAM_ARGS, vmSettings } from './validate/machine.ts'
import { PORT_METHOD_ARGS } from './validate/ports.ts'
import { runSpec } from './validate/run.ts'
import { RELEASE_METHOD_ARGS, RELEASE_STREAM_ARGS } from './validate/releases.ts'
import { REGISTRY_METHOD_ARGS, REGISTRY_OPERATION_ARGS, registryRealms } from './validate/registries.ts'
import { bare, baseUrl, containerId, engineId, nothing, objectId, ofEngine, onContainer, seconds, text, whole } from './validate/shapes.ts'
import type { Schema } from './validate/shapes.ts'
import { TRANSFER_METHOD_ARGS, TRANSFER_STREAM_ARGS } from './validate/transfers.ts'
import { STACK_METHOD_ARGS } from './validate/stacks.ts'
import { TERMINAL_METHOD_ARGS, TERMINAL_STREAM_ARGS, terminalPlace } from './validate/terminals.ts'
import { WHY_METHOD_ARGS } from './validate/why.ts'

const settingsPatch = v.strictObject({
  theme: v.optional(v.picklist(['system', 'light', 'dark'])),
  locale: v.optional(v.picklist(['system', 'en', 'ko'])),
  stopGraceSeconds: v.optional(whole(0, 3_600)),
  engine: v.optional(text(300)),
  sockets: v.optional(v.pipe(v.array(text(4_096)), v.maxLength(50))),
  hubUrl: v.optional(baseUrl),
  logTail: v.optional(whole(100, 1_000_000)),
  logTimestamps: v.optional(v.picklist(['off', 'local', 'utc', 'relative'])),
  logWrap: v.optional(v.boolean()),
  logCapBytes: v.optional(whole(16 * 1024 * 1024, 1024 ** 4)),
  startAtLogin: v.optional(v.boolean()),
  stopWithNaru: v.optional(v.picklist(['never', 'idle-machine', 'always'])),
  lookForReleases: v.optional(v.boolean()),
  vm: v.optional(vmSettings),
  rootExplained: v.optional(v.boolean()),
  registryRealms: v.optional(registryRealms),
  logSearches: v.optional(savedLogSearches),
})

const createArg = v.strictObject({ ...ofEngine, spec: runSpec })
const runArg = v.strictObject({ ...ofEngine, spec: runSpec, terminal: v.optional(terminalPlace) })
const withGrace = v.strictObject({ ...onContainer, graceSeconds: seconds })

/** Arguments of operations, checked by `operations.start`. */
export const OPERATION_ARGS: { readonly [N in OperationName]: Schema } = {
  'containers.run': runArg,
  'containers.create': createArg,
  'containers.start': v.strictObject({ ...onContainer, terminal: v.optional(terminalPlace) }),
  'containers.stop': withGrace,
  'containers.restart': withGrace,
  'containers.pause': bare,
  'containers.unpause': bare,
  'containers.kill': v.strictObject({ ...onContainer, signal: v.pipe(v.string(), v.regex(/^[A-Z0-9+-]{1,20}$/)) }),
  'containers.rename': v.strictObject({ ...onContainer, newName: text(255) }),
  'containers.remove': v.strictObject({
    ...onContainer,
    force: v.boolean(),
    stopFirst: v.boolean(),
    volumes: v.boolean(),
  }),
  'images.pull': v.strictObject({ ...ofEngine, reference: text(1_000), platform: v.optional(text(100)) }),
  'images.remove': v.strictObject({ ...ofEngine, reference: objectId, force: v.boolean() }),
  ...HOUSEKEEPING_OPERATION_ARGS,
  ...BUILD_OPERATION_ARGS,
  ...LAYER_OPERATION_ARGS,
  ...INSIDE_OPERATION_ARGS,
  ...FILE_OPERATION_ARGS,
  ...REGISTRY_OPERATION_ARGS,
  'welcome.run': v.strictObject(ofEngine),
  ...CARE_OPERATION_ARGS,
  'engines.start': v.strictObject(ofEngine),
  'engines.stop': v.strictObject({ ...ofEngine, containers: v.picklist(['keep', 'stop']) }),
  'engines.restart': v.strictObject(ofEngine),
  ...MACHINE_OPERATION_ARGS,
  'engines.create-context': v.strictObject({
    ...ofEngine,
    name: v.pipe(v.string(), v.regex(/^[a-zA-Z0-9][a-zA-Z0-9_.+-]{0,100}$/)),
  }),
}

const operationStart = v.variant(
  'name',
  (Object.keys(OPERATION_ARGS) as OperationName[]).map((name) =>
    v.strictObject({ name: v.literal(name), arg: OPERATION_ARGS[name] }),
  ),
)
const operationId = v.strictObject({ operationId: text(100) })

export const METHOD_ARGS: { readonly [M in MethodName]: Schema } = {
  'app.info': nothing,
  'settings.get': nothing,
  'settings.update': v.strictObject({ patch: settingsPatch }),
  'engines.detect': nothing,
  'engines.select': v.strictObject(ofEngine),
  'engines.retry': v.strictObject(ofEngine),
  'engines.add-socket': v.strictObject({ path: text(4_096) }),
  'engines.forget': v.strictObject(ofEngine),
  'containers.inspect': v.strictObject({ ...ofEngine, id: containerId }),
  'images.inspect': v.strictObject({ ...ofEngine, id: objectId }),
  'system.disk': v.strictObject(ofEngine),
  'hub.search': v.strictObject({
    engineId: v.nullable(engineId),
    query: text(500),
    page: whole(1, 10_000),
    pageSize: whole(1, 100),
  }),
  'hub.tags': v.strictObject({
    repository: text(300),
    page: whole(1, 10_000),
    pageSize: whole(1, 100),
    filter: text(200),
  }),
  ...LAYER_METHOD_ARGS,
  ...INSIDE_METHOD_ARGS,
  ...FILE_METHOD_ARGS,
  ...TERMINAL_METHOD_ARGS,
  ...WHY_METHOD_ARGS,
  ...HOST_METHOD_ARGS,
  ...MACHINE_METHOD_ARGS,
  ...CARE_METHOD_ARGS,
  ...DIAGNOSTIC_METHOD_ARGS,
  ...LOG_METHOD_ARGS,
  ...PORT_METHOD_ARGS,
  ...HOUSEKEEPING_METHOD_ARGS,
  ...TRANSFER_METHOD_ARGS,
  ...BUILD_METHOD_ARGS,
  ...STACK_METHOD_ARGS,
  ...REGISTRY_METHOD_ARGS,
  ...RELEASE_METHOD_ARGS,
  'operations.start': operationStart,
  'operations.cancel': operationId,
  'operations.retry': operationId,
  'operations.command': operationId,
  'operations.clear': nothing,
}

export const STREAM_ARGS: { readonly [S in StreamName]: Schema } = {
  'engines.watch': nothing,
  'state.watch': nothing,
  'operations.watch': nothing,
  'events.watch': nothing,
  'settings.watch': nothing,
  'stats.watch': v.strictObject({ ...ofEngine, ids: v.pipe(v.array(containerId), v.maxLength(200)), pace: v.optional(v.picklist(['live', 'normal', 'resting'])) }),
  ...LAYER_STREAM_ARGS,
  ...FILE_STREAM_ARGS,
  ...TERMINAL_STREAM_ARGS,
  ...LOG_STREAM_ARGS,
  ...MACHINE_STREAM_ARGS,
  ...HOUSEKEEPING_STREAM_ARGS,
  ...TRANSFER_STREAM_ARGS,
  ...BUILD_STREAM_ARGS,
  ...DIAGNOSTIC_STREAM_ARGS,
  ...RELEASE_STREAM_ARGS,
}

/**
 * Problem of the first bad field, or null when `arg` fits `schema`. Says what was expected, and of what kind the value is,
 * never the value: it may be a secret, and as long as a frame.
 */
export function problemOf(schema: Schema, arg: unknown): string | null {
  const checked = v.safeParse(schema, arg, { abortEarly: true })
  if (checked.success) return null
  const issue = checked.issues[0]
  const path = issue.path?.map((part) => String(part.key)).join('.') ?? ''
  const problem = issue.expected === null ? issue.type : `expected ${issue.expected}`
  return `${path ? `${path}: ` : ''}${problem}, got ${kindOf(issue.input)}`.slice(0, MOST_PROBLEM)
}

/** Longest description, characters: unions of many names are long. */
const MOST_PROBLEM = 500

function kindOf(value: unknown): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'an array' : typeof value
}
