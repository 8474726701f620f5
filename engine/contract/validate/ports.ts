import * as v from 'valibot'
import type { PortMethods } from '../parts/ports.ts'
import { engineId, ofEngine, protocol, text, whole } from './shapes.ts'
import type { Schema } from './shapes.ts'

const port = whole(1, 65_535)

export const PORT_METHOD_ARGS: { readonly [M in keyof PortMethods]: Schema } = {
  'ports.check': v.strictObject({ ...ofEngine, hostIp: text(60), hostPort: port, lastPort: v.optional(port), anyOne: v.optional(v.boolean()), protocol }),
  'ports.probe': v.strictObject(ofEngine),
  'ports.survey': v.strictObject({ engineId: v.nullable(engineId) }),
}
