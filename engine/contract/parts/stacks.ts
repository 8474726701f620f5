/** How images lie in each other, and what stands on them. Read when a person looks, never in the background. */
import type { ImageStack, StackSums, WritableLayer } from '../models.ts'
import type { MethodRule, OfEngine } from './rules.ts'

export interface StackMethods {
  /** The layers of one image, each with the other images that have it. */
  'stacks.image': { arg: OfEngine & { readonly id: string }; result: ImageStack }
  /** Unique and shared bytes of every image. */
  'stacks.sums': { arg: OfEngine; result: StackSums }
  /** Sizes of the writable layers of these containers; those that are gone are left out. The engine walks each of them. */
  'stacks.writable': { arg: OfEngine & { readonly ids: readonly string[] }; result: { readonly layers: readonly WritableLayer[] } }
}

export const STACK_METHOD_RULES = {
  'stacks.image': { mutates: false, limitMs: 60_000 },
  'stacks.sums': { mutates: false, limitMs: 60_000 },
  'stacks.writable': { mutates: false, limitMs: 60_000 },
} as const satisfies { readonly [M in keyof StackMethods]: MethodRule }
