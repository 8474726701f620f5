/** What becomes of Naru's own engines when Naru ends. */
import { toEnvelope } from '../contract/errors.ts'
import type { EngineSummary, Settings } from '../contract/models.ts'
import type { EngineManager } from '../providers/engine-manager.ts'

type Ending = Pick<Settings, 'stopWithNaru' | 'stopGraceSeconds'>

/** How long an engine may take to say what runs in it, milliseconds. */
const ASK_MS = 3_000
/** An engine's own end: its ladder (20 s of grace, then force) and some air, milliseconds. */
const STOP_MS = 35_000

/** Longest time {@link stopWithNaru} takes, milliseconds. */
export function endingLimitMs({ stopWithNaru, stopGraceSeconds }: Ending): number {
  if (stopWithNaru === 'never') return 0
  return ASK_MS + STOP_MS + (stopWithNaru === 'always' ? stopGraceSeconds * 1_000 + 15_000 : 0)
}

/** Stops what the person wants stopped. Never rejects: what will not stop lives on. */
export async function stopWithNaru(engines: Pick<EngineManager, 'snapshot' | 'connection' | 'stopEngine'>, settings: Ending, log: (line: string) => void): Promise<void> {
  const { stopWithNaru: wish } = settings
  const stop = async ({ id, kind }: EngineSummary): Promise<void> => {
    try {
      if (wish === 'idle-machine') {
        if (kind !== 'vm') return
        const running = await engines.connection(id).client.listContainers({ all: false }, { timeoutMs: ASK_MS })
        if (running.length > 0) return
      }
      await engines.stopEngine(id, { containers: wish === 'always' ? 'stop' : 'keep', signal: AbortSignal.timeout(endingLimitMs(settings)) })
      log(`${id}: stopped with Naru`)
    } catch (error) {
      log(`${id}: not stopped with Naru: ${toEnvelope(error).message}`)
    }
  }
  if (wish === 'never') return
  const up = engines.snapshot().engines.filter(({ managed, status }) => managed && (status === 'ready' || status === 'degraded'))
  await Promise.all(up.map(stop))
}
