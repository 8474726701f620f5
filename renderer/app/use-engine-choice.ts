/** The engines' choice in words, as it is now. */
import { computed } from 'vue'
import type { ComputedRef } from 'vue'
import { useI18n } from 'vue-i18n'
import type { EngineSummary } from '../../engine/contract/models.ts'
import { useConnection } from '../stores/connection.ts'
import { useEngines } from '../stores/engines.ts'
import { useSettings } from '../stores/settings.ts'
import { whyChosen, whyNotChosen } from './engine-choice.ts'
import type { Choice } from './engine-choice.ts'

export interface EngineChoice {
  /** Why the engine in use is; empty when there is nothing to say. */
  readonly why: ComputedRef<string>
  /** Why this one is not; empty when its own error says it. */
  whyNot(engine: EngineSummary): string
}

/** Call it in `setup`. */
export function useEngineChoice(): EngineChoice {
  const { t } = useI18n()
  const connection = useConnection()
  const engines = useEngines()
  const settings = useSettings()
  const choice = computed<Choice>(() => ({
    engines: engines.list,
    currentId: engines.currentId,
    asked: settings.values.engine,
    root: connection.info?.root === true,
  }))
  return {
    why: computed(() => {
      const key = whyChosen(choice.value)
      return key ? t(`engines.why.${key}`) : ''
    }),
    whyNot: (engine) => {
      const key = whyNotChosen(engine, choice.value)
      return key ? t(`engines.whyNot.${key}`) : ''
    },
  }
}
