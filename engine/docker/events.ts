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
const DOCKER_WORD: Readonly<Record<string, string>> = {
  remove: 'destroy',
  died: 'die',
  exec_died: 'exec_die',
  cleanup: 'cleanup',
  init: 'init',
  loadfromarchive: 'load',
  'pull-error': 'pull-error',
}

/** One spelling of an event; missing parts become empty. */
export function readEvent(raw: RawEvent, now: number): PlainEvent {
  const type = raw.Type || 'container'
  const [word = '', ...more] = (raw.Action || raw.status || '').split(':')
  const spelled = type === 'container' || type === 'image' ? (DOCKER_WORD[word.trim()] ?? word.trim()) : word.trim()
  const attributes = raw.Actor?.Attributes ?? {}
  const action = type === 'image' && spelled === 'destroy' ? 'delete' : spelled
  return {
    type,
    action,
    id: raw.Actor?.ID || raw.id || '',
    name: attributes['name'] ?? '',
    at: raw.timeNano ? Math.floor(raw.timeNano / 1e6) : raw.time ? raw.time * 1000 : now,
    extra: more.join(':').trim(),
  }
}
