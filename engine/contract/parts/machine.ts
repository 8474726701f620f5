/** The bundled virtual machine, beyond what every engine is. Without one here all but `machine.watch` fail with `unsupported`. */
import type { FolderOffer, MachineState, MachineUsage } from '../models.ts'
import type { MethodRule, Nothing, OfEngine, StreamRule } from './rules.ts'

export interface MachineMethods {
  /** The newest lines of its console, oldest first; at most 40. */
  'machine.console': { arg: Nothing; result: { readonly lines: readonly string[] } }
  /** Forgets which acceleration worked: the next start tries all of them again. */
  'machine.forget-acceleration': { arg: Nothing; result: Nothing }
  /** Asked about a path that a container was refused. */
  'machine.folder-offer': { arg: { readonly path: string }; result: FolderOffer }
  /**
   * Puts the folder that shows `path` on the list of shared folders; the next start of the machine has it.
   * @throws NaruError `invalid-request` {path}, as the offer tells it in `problem`
   */
  'machine.share-folder': { arg: { readonly path: string; readonly readonly: boolean }; result: Nothing }
}

export interface MachineStreams {
  /** Conflated: every change, newest state. Silent while there is no virtual machine here. */
  'machine.watch': { arg: Nothing; item: MachineState }
  /** While it runs: what it takes, every few seconds and when it falls asleep or wakes. Does not wake it. */
  'machine.usage': { arg: Nothing; item: MachineUsage }
}

export interface MachineOperations {
  /**
   * Makes the running machine's disk larger, to `bytes`. Can be cancelled until the disk is larger.
   * @throws NaruError `invalid-request` (no growth, too large), `engine.unreachable` (it does not run)
   */
  'machine.grow-disk': { arg: OfEngine & { readonly bytes: number }; result: Nothing }
}

export const MACHINE_METHOD_RULES = {
  'machine.console': { mutates: false, limitMs: 5_000 },
  'machine.forget-acceleration': { mutates: true, limitMs: 5_000 },
  'machine.folder-offer': { mutates: false, limitMs: 5_000 },
  'machine.share-folder': { mutates: true, limitMs: 5_000 },
} as const satisfies { readonly [M in keyof MachineMethods]: MethodRule }

export const MACHINE_STREAM_RULES = {
  'machine.watch': { noCredit: 'conflate', window: 4, unit: 'items' },
  'machine.usage': { noCredit: 'conflate', window: 4, unit: 'items' },
} as const satisfies { readonly [S in keyof MachineStreams]: StreamRule }
