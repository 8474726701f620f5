/** Arguments of the virtual machine's methods, and its settings. */
import * as v from 'valibot'
import type { MachineMethods, MachineStreams } from '../parts/machine.ts'
import { VM_FOLDERS_MAX, VM_MEMORY_FLOOR_MIB } from '../models.ts'
import { nothing, whole } from './shapes.ts'
import type { Schema } from './shapes.ts'

const folder = v.strictObject({
  path: v.pipe(v.string(), v.maxLength(4_096), v.regex(/^\/[^\0\n]*$/, 'not an absolute path')),
  readonly: v.boolean(),
})

/** The ceilings of memory and processors are this machine's: what is more is cut down to them at the start. */
export const vmSettings = v.strictObject({
  memoryMiB: v.optional(whole(VM_MEMORY_FLOOR_MIB, 1024 * 1024)),
  cpus: v.optional(whole(1, 1_024)),
  folders: v.optional(v.pipe(v.array(folder), v.maxLength(VM_FOLDERS_MAX))),
  hostLoopback: v.optional(v.boolean()),
  softwareOnly: v.optional(v.boolean()),
})

export const MACHINE_METHOD_ARGS: { readonly [M in keyof MachineMethods]: Schema } = {
  'machine.console': nothing,
  'machine.forget-acceleration': nothing,
}

export const MACHINE_STREAM_ARGS: { readonly [S in keyof MachineStreams]: Schema } = {
  'machine.watch': nothing,
}
