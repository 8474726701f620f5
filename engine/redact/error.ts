/** Errors without secrets: what engines and tools said may repeat what they were given. Pure. */
import type { ErrorEnvelope, ErrorParams } from '../contract/errors.ts'
import { redactText } from './text.ts'

/** The envelope with its words and what fills its sentences looked through. */
export function redactError(envelope: ErrorEnvelope, redact: (text: string) => string = redactText): ErrorEnvelope {
  const { message, detail, params } = envelope
  return { ...envelope, message: redact(message), ...(detail !== undefined && { detail: redact(detail) }), ...(params && { params: paramsOf(params, redact) }) }
}

function paramsOf(params: ErrorParams, redact: (text: string) => string): ErrorParams {
  const one = (value: ErrorParams[string]): ErrorParams[string] => (typeof value === 'string' ? redact(value) : typeof value === 'number' ? value : value.map(redact))
  return Object.fromEntries(Object.entries(params).map(([name, value]) => [name, one(value)]))
}
