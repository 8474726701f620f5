import * as v from 'valibot'
import type { RegistryMethods, RegistryOperations } from '../parts/registries.ts'
import { engineId, ofEngine, text } from './shapes.ts'
import type { Schema } from './shapes.ts'

const registry = text(300)
const user = v.pipe(text(300), v.minLength(1), v.regex(/^[^\n\r\0]*$/))
/** Tokens are long, but not endless. */
const secret = v.pipe(v.string(), v.minLength(1), v.maxLength(64 * 1024))

/** A setting: realms of foreign hosts that were allowed. */
export const registryRealms = v.pipe(v.array(v.strictObject({ registry, realm: text(300) })), v.maxLength(100))

export const REGISTRY_METHOD_ARGS = {
  'registries.list': v.strictObject({ engineId: v.nullable(engineId) }),
  'registries.login': v.strictObject({ ...ofEngine, registry, user, secret, keep: v.boolean() }),
  'registries.logout': v.strictObject({ registry, place: v.picklist(['helper', 'keychain', 'memory', 'docker-config']) }),
  'registries.test': v.strictObject({ ...ofEngine, registry }),
} satisfies { readonly [M in keyof RegistryMethods]: Schema }

export const REGISTRY_OPERATION_ARGS = {
  'images.push': v.strictObject({ ...ofEngine, reference: text(1_000) }),
  'registries.login': v.strictObject({ ...ofEngine, registry, user, keep: v.boolean(), ticket: text(100) }),
} satisfies { readonly [N in keyof RegistryOperations]: Schema }
