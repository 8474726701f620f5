/** Arguments of looking after an engine. */
import * as v from 'valibot'
import type { CareMethods, CareOperations } from '../parts/care.ts'
import { ofEngine, text } from './shapes.ts'
import type { Schema } from './shapes.ts'

export const CARE_METHOD_ARGS: { readonly [M in keyof CareMethods]: Schema } = {
  'engines.loss': v.strictObject(ofEngine),
}

export const CARE_OPERATION_ARGS: { readonly [N in keyof CareOperations]: Schema } = {
  'engines.reset': v.strictObject({ ...ofEngine, consent: text(100) }),
  'engines.repair': v.strictObject(ofEngine),
}
