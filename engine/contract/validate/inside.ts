import type { InsideMethods } from '../parts/inside.ts'
import { bare } from './shapes.ts'
import type { Schema } from './shapes.ts'

export const INSIDE_METHOD_ARGS = {
  'containers.top': bare,
} satisfies { readonly [M in keyof InsideMethods]: Schema }
