/**
 * What was seen to happen to containers. Engines forget: dockerd keeps the last 256 events of everything, health checks
 * included, and none over a restart.
 */
import type { StopStep } from '../contract/models.ts'
import { MOST_STEPS, stepOf } from '../containers/why/chain.ts'
import type { RawEvent } from '../docker/api-types.ts'

/** Containers remembered; those that nothing happened to for the longest time are forgotten first. */
const MOST_CONTAINERS = 1_000

export interface LifeMemory {
  readonly take: (raw: RawEvent) => void
  /** Oldest first. */
  readonly of: (id: string) => readonly StopStep[]
}

export function createLifeMemory(most = MOST_CONTAINERS): LifeMemory {
  const lives = new Map<string, StopStep[]>()
  return {
    take: (raw) => {
      const id = raw.Actor?.ID ?? raw.id ?? ''
      if (raw.Action === 'destroy' || raw.Action === 'remove') return void lives.delete(id)
      const step = stepOf(raw)
      if (!step || id === '') return
      const life = lives.get(id) ?? []
      lives.delete(id)
      lives.set(id, [...life, step].slice(-MOST_STEPS))
      const [oldest] = lives.keys()
      if (lives.size > most && oldest !== undefined) lives.delete(oldest)
    },
    of: (id) => lives.get(id) ?? [],
  }
}
