/** Messages of pulls, pushes, loads and builds, member by member: what is not of its type counts as absent. Pure. */
import type { RawProgress } from './api-types.ts'

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => value !== null && typeof value === 'object' && !Array.isArray(value)
const isCount = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value) && value >= 0

const TEXTS = ['status', 'id', 'stream', 'error'] as const

/** A message as the engine's API describes it; null for what is no object. `aux` stays whatever it is. */
export function progressMessage(message: unknown): RawProgress | null {
  if (!isObject(message)) return null
  const { progressDetail: detail, errorDetail: failure, aux } = message
  const texts = Object.fromEntries(TEXTS.flatMap((name) => (typeof message[name] === 'string' ? [[name, message[name]]] : [])))
  return {
    ...texts,
    ...(aux !== undefined && { aux }),
    ...(isObject(detail) && { progressDetail: { ...(isCount(detail['current']) && { current: detail['current'] }), ...(isCount(detail['total']) && { total: detail['total'] }) } }),
    ...(isObject(failure) && {
      errorDetail: { ...(typeof failure['message'] === 'string' && { message: failure['message'] }), ...(Number.isInteger(failure['code']) && { code: failure['code'] as number }) },
    }),
  }
}
