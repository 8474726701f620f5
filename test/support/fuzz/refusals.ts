/** What a parser may do with bad input: give something, or refuse it in its own words. Anything else is a crash. */
import { expect } from 'vitest'
import { NaruError } from '../../../engine/contract/errors.ts'

type Kind = abstract new (...args: never[]) => Error

/** What `run` gives; undefined where it refused with one of `kinds`. @throws whatever else it threw */
export async function orRefused<T>(run: () => T | Promise<T>, ...kinds: readonly Kind[]): Promise<T | undefined> {
  const allowed = kinds.length > 0 ? kinds : [NaruError]
  try {
    return await run()
  } catch (error) {
    if (!allowed.some((kind) => error instanceof kind)) throw error
    // A refusal that is a bug in disguise.
    if (error instanceof NaruError) expect(error.code, error.message).not.toBe('internal')
    return undefined
  }
}
