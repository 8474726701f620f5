import type { WhyMethods } from '../parts/why.ts'
import { bare } from './shapes.ts'
import type { Schema } from './shapes.ts'

export const WHY_METHOD_ARGS = {
  'containers.why-stopped': bare,
} satisfies { readonly [M in keyof WhyMethods]: Schema }
