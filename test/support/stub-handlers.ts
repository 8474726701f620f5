/** Handlers for tests: every name of the contract exists; those a test does not give answer `unsupported`. */
import { METHOD_RULES, STREAM_RULES } from '../../engine/contract/contract.ts'
import type { MethodName, StreamName } from '../../engine/contract/contract.ts'
import { NaruError } from '../../engine/contract/errors.ts'
import type { MethodHandlers, StreamHandlers } from '../../engine/link/handlers.ts'

const refusal = (name: string): NaruError => new NaruError('unsupported', `${name} is not part of this test`)

/** All methods, with `given` in place. */
export function stubMethods(given: Partial<MethodHandlers> = {}): MethodHandlers {
  const names = Object.keys(METHOD_RULES) as MethodName[]
  const rest = names.map((name) => [name, () => Promise.reject(refusal(name))] as const)
  return { ...(Object.fromEntries(rest) as unknown as MethodHandlers), ...given }
}

/** All streams, with `given` in place. */
export function stubStreams(given: Partial<StreamHandlers> = {}): StreamHandlers {
  const names = Object.keys(STREAM_RULES) as StreamName[]
  const rest = names.map((name) => [
    name,
    () => {
      throw refusal(name)
    },
  ] as const)
  return { ...(Object.fromEntries(rest) as unknown as StreamHandlers), ...given }
}
