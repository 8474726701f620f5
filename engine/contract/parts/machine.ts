/** The bundled virtual machine, beyond what every engine is. Without one here all but `machine.watch` fail with `unsupported`. */
import type { MachineState } from '../models.ts'
import type { MethodRule, Nothing, StreamRule } from './rules.ts'

export interface MachineMethods {
  /** The newest lines of its console, oldest first; at most 40. */
  'machine.console': { arg: Nothing; result: { readonly lines: readonly string[] } }
  /** Forgets which acceleration worked: the next start tries all of them again. */
  'machine.forget-acceleration': { arg: Nothing; result: Nothing }
}

export interface MachineStreams {
  /** Conflated: every change, newest state. Silent while there is no virtual machine here. */
  'machine.watch': { arg: Nothing; item: MachineState }
}

export const MACHINE_METHOD_RULES = {
  'machine.console': { mutates: false, limitMs: 5_000 },
  'machine.forget-acceleration': { mutates: true, limitMs: 5_000 },
} as const satisfies { readonly [M in keyof MachineMethods]: MethodRule }

export const MACHINE_STREAM_RULES = {
  'machine.watch': { noCredit: 'conflate', window: 4, unit: 'items' },
} as const satisfies { readonly [S in keyof MachineStreams]: StreamRule }
