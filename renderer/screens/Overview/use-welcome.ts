/** The welcome container: whether to offer it, and how its run goes. State lives in the operation, so leaving is safe. */
import { computed } from 'vue'
import type { ComputedRef } from 'vue'
import type { Operations } from '../../../engine/contract/contract.ts'
import type { OperationRow } from '../../../engine/contract/models.ts'
import { useEngines } from '../../stores/engines.ts'
import { useOperations } from '../../stores/operations.ts'
import { useState } from '../../stores/state.ts'
import { useUi } from '../../stores/ui.ts'

type WelcomeResult = Operations['welcome.run']['result']

export interface Welcome {
  readonly shown: ComputedRef<boolean>
  readonly operation: ComputedRef<OperationRow | undefined>
  /** Set while the container it made is still there. */
  readonly result: ComputedRef<WelcomeResult | null>
  run(): Promise<void>
}

/** Call it in `setup`. */
export function useWelcome(): Welcome {
  const engines = useEngines()
  const state = useState()
  const operations = useOperations()
  const ui = useUi()

  const operation = computed(() =>
    operations.list.find((row) => row.name === 'welcome.run' && row.engineId === engines.currentId),
  )
  const result = computed<WelcomeResult | null>(() => {
    if (operation.value?.status !== 'succeeded') return null
    const made = operation.value.result as WelcomeResult
    return state.container(made.containerId)?.state === 'running' ? made : null
  })
  const shown = computed(() => {
    if (!engines.usable || state.stale) return false
    if (state.containers.length === 0) return true
    return operation.value?.status === 'running' || (result.value !== null && state.containers.length < 3)
  })

  async function run(): Promise<void> {
    const engineId = engines.currentId
    if (!engineId) return
    try {
      await operations.begin('welcome.run', { engineId })
    } catch (reason) {
      ui.fail(reason)
    }
  }

  return { shown, operation, result, run }
}
