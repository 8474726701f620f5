/** The present time for figures that grow while somebody watches. */
import { onScopeDispose, ref, watch } from 'vue'
import type { Ref } from 'vue'

const EVERY_MS = 500

/** Milliseconds since 1970, twice a second while `wanted` and the page is seen. Call it in `setup`. */
export function useClock(wanted: () => boolean): Ref<number> {
  const now = ref(Date.now())
  let timer: ReturnType<typeof setInterval> | undefined
  watch(
    wanted,
    (on) => {
      clearInterval(timer)
      now.value = Date.now()
      if (on) timer = setInterval(() => document.visibilityState === 'visible' && (now.value = Date.now()), EVERY_MS)
    },
    { immediate: true },
  )
  onScopeDispose(() => clearInterval(timer))
  return now
}
