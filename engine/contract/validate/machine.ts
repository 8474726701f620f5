/** Arguments of the virtual machine's methods, and its settings. */
import * as v from 'valibot'
import type { MachineMethods, MachineOperations, MachineStreams } from '../parts/machine.ts'
import { VM_DISK_MAX_BYTES, VM_FOLDERS_MAX, VM_MEMORY_FLOOR_MIB } from '../models.ts'
import { nothing, ofEngine, whole } from './shapes.ts'
import type { Schema } from './shapes.ts'

const path = v.pipe(v.string(), v.maxLength(4_096), v.regex(/^\/[^\0\n]*$/, 'not an absolute path'))
const folder = v.strictObject({
  path,
  readonly: v.boolean(),
})

/** The ceilings of memory and processors are this machine's: what is more is cut down to them at the start. */
export const vmSettings = v.strictObject({
  memoryMiB: v.optional(whole(VM_MEMORY_FLOOR_MIB, 1024 * 1024)),
  cpus: v.optional(whole(1, 1_024)),
  folders: v.optional(v.pipe(v.array(folder), v.maxLength(VM_FOLDERS_MAX))),
  hostLoopback: v.optional(v.boolean()),
  publishEverywhere: v.optional(v.boolean()),
  softwareOnly: v.optional(v.boolean()),
  napMinutes: v.optional(whole(0, 1_440)),
  napWithContainers: v.optional(v.boolean()),
})

export const MACHINE_METHOD_ARGS: { readonly [M in keyof MachineMethods]: Schema } = {
  'machine.console': nothing,
  'machine.forget-acceleration': nothing,
  'machine.folder-offer': v.strictObject({ path }),
  'machine.share-folder': v.strictObject({ path, readonly: v.boolean() }),
}

export const MACHINE_STREAM_ARGS: { readonly [S in keyof MachineStreams]: Schema } = {
  'machine.watch': nothing,
  'machine.usage': nothing,
}

/** That it is a growth is checked against the disk itself. */
export const MACHINE_OPERATION_ARGS: { readonly [N in keyof MachineOperations]: Schema } = {
  'machine.grow-disk': v.strictObject({ ...ofEngine, bytes: whole(1, VM_DISK_MAX_BYTES) }),
}
