/** Logins to registries, and pushing. Secrets go in once, with `registries.login`, and never come back. */
import type { CredentialPlace, RegistryList, RegistryLogin } from '../models.ts'
import type { MethodRule, Nothing, OfEngine } from './rules.ts'

export interface RegistryMethods {
  /** With an engine also where that one looks for certificates and exceptions. */
  'registries.list': { arg: { readonly engineId: string | null }; result: RegistryList }
  /**
   * Checks user and secret (password or token) at the registry through the engine and keeps them when they are right.
   * Runs the operation of the same name, so it is listed under Activity, without the secret. `keep: false`: forgotten
   * when Naru closes. Code `unauthorized` {field: password} for a wrong one.
   */
  'registries.login': {
    arg: OfEngine & { readonly registry: string; readonly user: string; readonly secret: string; readonly keep: boolean }
    result: RegistryLogin
  }
  /** Erases a login where it is kept; the registry is not asked. */
  'registries.logout': { arg: { readonly registry: string; readonly place: CredentialPlace }; result: Nothing }
  /** Tries the login that is kept. */
  'registries.test': { arg: OfEngine & { readonly registry: string }; result: Nothing }
}

export interface RegistryOperations {
  /** `reference` is a tag. */
  'images.push': {
    arg: OfEngine & { readonly reference: string }
    result: {
      readonly reference: string
      /** `sha256:…` of the manifest. */
      readonly digest: string
      readonly manifestBytes: number
      readonly layers: number
      /** Layers, and their unpacked bytes, that the registry did not have; 0 when the engine does not tell. */
      readonly sentLayers: number
      readonly sentBytes: number
    }
  }
  /** Started by the method of the same name only: `ticket` stands for the secret, once. */
  'registries.login': {
    arg: OfEngine & { readonly registry: string; readonly user: string; readonly keep: boolean; readonly ticket: string }
    result: RegistryLogin
  }
}

export const REGISTRY_METHOD_RULES = {
  'registries.list': { mutates: false, limitMs: 20_000 },
  'registries.login': { mutates: true, limitMs: 150_000 },
  'registries.logout': { mutates: true, limitMs: 90_000 },
  'registries.test': { mutates: false, limitMs: 150_000 },
} as const satisfies { readonly [M in keyof RegistryMethods]: MethodRule }
