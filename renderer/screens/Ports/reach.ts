/** Whether a published port answers, in words and colour. Pure. */
import type { ContainerState, PublishedPort } from '../../../engine/contract/models.ts'

/** Keys below `ports.reach` and `ports.why` of the catalogues. */
export type ReachKey = 'unknown' | 'http' | PublishedPort['reachability']
export interface Reach {
  readonly key: ReachKey
  readonly tone: 'ok' | 'warn' | 'bad' | 'idle'
}

const TONES: Readonly<Record<ReachKey, Reach['tone']>> = {
  unknown: 'idle',
  reachable: 'ok',
  http: 'ok',
  refused: 'bad',
  timeout: 'warn',
  'not-running': 'idle',
  'not-testable': 'idle',
  'bound-elsewhere': 'warn',
}

/** A container that does not run answers nothing, whatever was found before. */
export function reachOf(state: ContainerState, found: PublishedPort | undefined): Reach {
  const key = state !== 'running' ? 'not-running' : !found ? 'unknown' : found.http ? 'http' : found.reachability
  return { key, tone: TONES[key] }
}
