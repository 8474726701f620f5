import * as v from 'valibot'
import type { HostMethods } from '../parts/host.ts'
import { text } from './shapes.ts'
import type { Schema } from './shapes.ts'

export const HOST_METHOD_ARGS: { readonly [M in keyof HostMethods]: Schema } = {
  'host.paths': v.strictObject({ paths: v.pipe(v.array(v.pipe(text(4_096), v.startsWith('/'))), v.maxLength(100)) }),
}
