/** Refusals of a member of a RunSpec. Pure. */
import { NaruError } from '../../contract/errors.ts'
import type { RunSpec } from '../../contract/models.ts'

/** @returns `invalid-request` whose params name the member */
export function refuse(field: keyof RunSpec, hint: string, message: string, params: Readonly<Record<string, string>> = {}): NaruError {
  return new NaruError('invalid-request', message, { params: { ...params, field }, hint })
}

/** What `read` gives; what it refuses names the member. */
export function inField<T>(field: keyof RunSpec, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof NaruError)) throw error
    const { message, params, hint } = error
    throw new NaruError('invalid-request', message, { params: { ...params, field }, hint })
  }
}
