/** How an engine is named and its state shown; used by the badge, the Engines screen and the Overview. */
import { useI18n } from 'vue-i18n'
import type { EngineStatus, EngineSummary, EngineVersion } from '../../engine/contract/models.ts'

export type DotTone = 'ok' | 'warn' | 'bad' | 'idle' | 'busy' | 'paused'

const TONES: Readonly<Record<EngineStatus, DotTone>> = {
  absent: 'idle',
  stopped: 'idle',
  starting: 'busy',
  ready: 'ok',
  degraded: 'warn',
  unreachable: 'bad',
  stopping: 'busy',
  failed: 'bad',
}

export interface EngineWords {
  name(engine: EngineSummary): string
  /** "native"; empty for the virtual machine, which is called what it is. */
  kind(engine: EngineSummary): string
  /** "Embedded · Moby 28.5.2 · ready" */
  line(engine: EngineSummary): string
  status(engine: EngineSummary): string
  tone(engine: EngineSummary): DotTone
  /** "Starting the daemon"; empty when no phase is known. */
  phase(engine: EngineSummary): string
  origin(engine: EngineSummary): string
}

/** "Moby 28.5.2": the distribution's own suffix (`+dfsg4`, `-1ubuntu`) says nothing to a person. */
export const productOf = ({ product, version }: EngineVersion): string => `${product} ${version.replace(/[+~].*$/, '')}`

/** Call it in `setup`. */
export function useEngineWords(): EngineWords {
  const { t, te } = useI18n()
  const status = (engine: EngineSummary): string => t(`engines.status.${engine.napping ? 'napping' : engine.status}`)
  const kind = (engine: EngineSummary): string => (engine.kind === 'vm' && !engine.name ? '' : t(`engines.kind.${engine.kind}`))
  return {
    kind,
    name: (engine) => engine.name || t(`engines.providerName.${engine.kind}`),
    line: (engine) => {
      const version = engine.version && productOf(engine.version)
      // What is wrong comes first: the line is short and may be cut at its end.
      const parts = engine.status === 'ready' ? [kind(engine), version, status(engine)] : [status(engine), kind(engine), version]
      return parts.filter(Boolean).join(' · ')
    },
    status,
    tone: (engine) => (engine.napping ? 'paused' : TONES[engine.status]),
    phase: (engine) => {
      const step = engine.phase?.step
      if (!step) return ''
      const key = `engines.steps.${step}`
      return te(key, 'en') ? t(key) : step
    },
    origin: (engine) => {
      const [kind = '', name = ''] = engine.origin.split(/:(.*)/s)
      const key = `engines.origin.${kind}`
      return te(key, 'en') ? t(key, { name }) : engine.origin
    },
  }
}
