/** The self-check: started by the screen, its results kept while the page lives. */
import { defineStore } from 'pinia'
import { ref, shallowRef } from 'vue'
import { isCancelled, toEnvelope } from '../../engine/contract/errors.ts'
import type { ErrorEnvelope } from '../../engine/contract/errors.ts'
import type { CheckId, CheckResult } from '../../engine/contract/models.ts'
import { useConnection } from './connection.ts'

export const useDiagnostics = defineStore('diagnostics', () => {
  const connection = useConnection()
  const results = shallowRef<ReadonlyMap<CheckId, CheckResult>>(new Map())
  const running = ref(false)
  /** Why the run itself could not be made. */
  const error = shallowRef<ErrorEnvelope | null>(null)
  /** When the newest run ended; 0 while none did. */
  const ranAt = ref(0)
  let stop = new AbortController()

  /** Looks again at everything; a run that is under way ends. */
  async function run(): Promise<void> {
    stop.abort()
    const { signal } = (stop = new AbortController())
    results.value = new Map()
    error.value = null
    running.value = true
    try {
      for await (const result of connection.stream('diagnostics.run', {}, { signal })) {
        if (signal.aborted) return
        results.value = new Map([...results.value, [result.id, result]])
      }
      if (!signal.aborted) ranAt.value = Date.now()
    } catch (reason) {
      if (!signal.aborted && !isCancelled(reason)) error.value = toEnvelope(reason)
    } finally {
      if (!signal.aborted) running.value = false
    }
  }

  function cancel(): void {
    stop.abort()
    running.value = false
  }

  return { results, running, error, ranAt, run, cancel }
})
