/** Does the engine in use answer? One that naps is not woken for the question. */
import { toEnvelope } from '../../contract/errors.ts'
import type { CheckFix, EngineSummary } from '../../contract/models.ts'
import { failed, passed, screen, warned } from '../check.ts'
import type { Check, CheckOutcome } from '../check.ts'

export interface EngineFacts {
  /** The one in use; null: none was found. */
  readonly engine: EngineSummary | null
  readonly ping: (signal: AbortSignal) => Promise<void>
}

/** An engine that takes longer for its shortest answer is in trouble, milliseconds. */
const SLOW_MS = 2_000

export const engineCheck = ({ engine, ping }: EngineFacts): Check => ({
  id: 'engine',
  applicable: () => true,
  check: async (signal) => {
    if (!engine) return failed('none', {}, { fixes: [screen('engines')] })
    return engine.status === 'ready' && !engine.napping ? answers(engine, ping, signal) : standing(engine)
  },
})

async function answers({ id: engineId }: EngineSummary, ping: EngineFacts['ping'], signal: AbortSignal): Promise<CheckOutcome> {
  const since = performance.now()
  try {
    await ping(signal)
  } catch (error) {
    signal.throwIfAborted()
    return failed('silent', { engineId }, { error: toEnvelope(error), fixes: [{ kind: 'retry', engineId }] })
  }
  const answerMs = Math.round(performance.now() - since)
  return answerMs > SLOW_MS ? warned('slow', { engineId, answerMs }, { fixes: [screen('engines')] }) : passed('answers', { engineId, answerMs })
}

/** What its own status tells. */
function standing({ id: engineId, status, error, managed }: EngineSummary): CheckOutcome {
  const params = { engineId }
  const start: CheckFix = managed ? { kind: 'start', engineId } : screen('engines')
  switch (status) {
    case 'ready':
      return passed('napping', params)
    case 'degraded':
      return warned('limited', params, { error, fixes: [screen('engines')] })
    case 'starting':
    case 'stopping':
      return warned('moving', params, { fixes: [screen('engines')] })
    case 'stopped':
      return failed('stopped', params, { error, fixes: [start] })
    case 'failed':
      return failed('failed', params, { error, fixes: [managed ? start : { kind: 'retry', engineId }] })
    case 'unreachable':
      return failed('silent', params, { error, fixes: [{ kind: 'retry', engineId }] })
    case 'absent':
      return failed('absent', params, { error, fixes: [screen('engines')] })
  }
}
