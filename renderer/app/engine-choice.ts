/**
 * Why an engine is the one in use, or is not; keys below `engines.why` and `engines.whyNot`. Follows what
 * engine/providers/select.ts decides. Pure.
 */
import type { EngineSummary } from '../../engine/contract/models.ts'

export interface Choice {
  readonly engines: readonly EngineSummary[]
  readonly currentId: string | null
  /** The setting: an engine's id, or `auto`. */
  readonly asked: string
  /** Naru runs as root. */
  readonly root: boolean
}

export type WhyKey = 'asked' | 'running' | 'rootless' | 'root' | 'machine' | 'kept'
export type WhyNotKey = 'asked' | 'later' | 'spare' | 'machine'

const answers = ({ status }: EngineSummary): boolean => status === 'ready' || status === 'degraded'

/** Null while none is in use, and when the one in use does not work: then its error is what counts. */
export function whyChosen({ engines, currentId, asked, root }: Choice): WhyKey | null {
  const at = engines.findIndex(({ id }) => id === currentId)
  const current = engines[at]
  if (!current || ['absent', 'failed', 'unreachable'].includes(current.status)) return null
  if (current.id === asked) return 'asked'
  if (engines.slice(0, at).some(answers)) return 'kept'
  if (!current.managed) return 'running'
  if (current.kind === 'vm') return 'machine'
  return (current.rootless ?? !root) ? 'rootless' : 'root'
}

/** Null for the one in use, and for those whose own error says why. */
export function whyNotChosen(engine: EngineSummary, { engines, currentId, asked }: Choice): WhyNotKey | null {
  const current = engines.find(({ id }) => id === currentId)
  if (!current || engine.id === currentId || (engine.error && !answers(engine))) return null
  if (current.id === asked) return 'asked'
  if (answers(engine)) return 'later'
  if (engine.status !== 'stopped') return null
  return engine.kind === 'vm' ? 'machine' : 'spare'
}
