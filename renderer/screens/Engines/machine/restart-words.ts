/** What a restart of the machine does to its containers, in words. */
import { useI18n } from 'vue-i18n'
import { useEngines } from '../../../stores/engines.ts'
import { useState } from '../../../stores/state.ts'

/** Call it in `setup`. */
export function useRestartWords(): (engineId: string) => string {
  const { t } = useI18n()
  const engines = useEngines()
  const state = useState()
  return (engineId) => {
    // Known only for the engine in use.
    const running = engineId === engines.currentId ? state.running : null
    if (running === null) return t('machine.restartStops')
    return running === 0 ? t('engines.stopTextNone') : t('machine.restartStopsCount', { count: running }, running)
  }
}
