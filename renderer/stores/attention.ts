/** Whether a person is at this window: what costs the engine something is done less often while nobody is. */
import { defineStore } from 'pinia'
import { ref } from 'vue'

/** Without a key, a pointer or a wheel for this long nobody is there, ms. */
const QUIET_MS = 30_000
const SIGNS = ['pointermove', 'pointerdown', 'keydown', 'wheel'] as const

export const useAttention = defineStore('attention', () => {
  const resting = ref(false)
  let last = performance.now()
  let timer: ReturnType<typeof setTimeout> | undefined

  /** Looks again when the quiet may be long enough; no timer is set anew for every move of the pointer. */
  function watchQuiet(): void {
    clearTimeout(timer)
    const left = last + QUIET_MS - performance.now()
    if (left <= 0 || !document.hasFocus()) resting.value = true
    else timer = setTimeout(watchQuiet, left)
  }

  function present(): void {
    last = performance.now()
    if (!resting.value || !document.hasFocus()) return
    resting.value = false
    watchQuiet()
  }

  for (const sign of SIGNS) window.addEventListener(sign, present, { passive: true, capture: true })
  window.addEventListener('focus', present)
  window.addEventListener('blur', watchQuiet)
  watchQuiet()

  return { resting }
})
