/** Whether the page and the engine room have lost each other for longer than a moment: a short break stays quiet. */
import { onScopeDispose, ref, watch } from 'vue'
import type { Ref } from 'vue'
import { useConnection } from '../stores/connection.ts'

const QUIET_MS = 1_200

/** Call it in `setup`. Whoever says it, says it at the same time. */
export function useLost(): Readonly<Ref<boolean>> {
  const connection = useConnection()
  const lost = ref(false)
  let timer: ReturnType<typeof setTimeout> | undefined
  watch(
    () => connection.status,
    (status) => {
      clearTimeout(timer)
      if (status === 'open') lost.value = false
      // That will not heal by itself.
      else if (status === 'mismatch') lost.value = true
      else timer = setTimeout(() => (lost.value = true), QUIET_MS)
    },
    { immediate: true },
  )
  onScopeDispose(() => clearTimeout(timer))
  return lost
}
