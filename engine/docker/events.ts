/** The engine's event stream, in one spelling for Docker and Podman. */
import type { RawEvent } from './api-types.ts'

/** An engine event with the parts every reader needs. */
export interface PlainEvent {
  readonly type: string
  /** Docker's word, without what follows a colon (`exec_start: sh` → `exec_start`, `health_status: healthy` kept apart). */
  readonly action: string
  readonly id: string
  readonly name: string
  /** Milliseconds since 1970. */
  readonly at: number
  /** What followed the colon, e.g. `healthy`. */
  readonly extra: string
}

/** Podman's words for what Docker calls otherwise. */
const DOCKER_WORD: ReadonlyMap<string, string> = new Map(Object.entries({
  remove: 'destroy',
  died: 'die',
  exec_died: 'exec_die',
  cleanup: 'cleanup',
  init: 'init',
  loadfromarchive: 'load',
  'pull-error': 'pull-error',
}))

/** Empty for what is no text. */
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')
const isTime = (value: unknown): value is number => typeof value === 'number' && value > 0

/** One spelling of an event; parts that are missing, or of another type, become empty. */
export function readEvent(raw: RawEvent, now: number): PlainEvent {
  const type = textOf(raw.Type) || 'container'
  const [word = '', ...more] = (textOf(raw.Action) || textOf(raw.status)).split(':')
  const spelled = type === 'container' || type === 'image' ? (DOCKER_WORD.get(word.trim()) ?? word.trim()) : word.trim()
  const attributes = raw.Actor?.Attributes ?? {}
  const action = type === 'image' && spelled === 'destroy' ? 'delete' : spelled
  return {
    type,
    action,
    id: textOf(raw.Actor?.ID) || textOf(raw.id),
    name: textOf(attributes['name']),
    at: isTime(raw.timeNano) ? Math.floor(raw.timeNano / 1e6) : isTime(raw.time) ? raw.time * 1000 : now,
    extra: more.join(':').trim(),
  }
}
