/** Whether the run panel is open and what it begins with. The panel itself is screens/Run/RunPanel.vue. */
import { defineStore } from 'pinia'
import { ref, shallowRef } from 'vue'

/** What the panel is filled with; the rest comes from the image. */
export interface RunPrefill {
  /** Reference or id of the image. */
  readonly image?: string
  readonly name?: string
}

export const useRun = defineStore('run', () => {
  const isOpen = ref(false)
  const prefill = shallowRef<RunPrefill>({})
  /** Grows with every `open`, so that the panel notices the same image asked for twice. */
  const asked = ref(0)

  return {
    isOpen,
    prefill,
    asked,
    /** Opens the panel. Without an image what was typed last is still there. */
    open(next: RunPrefill = {}): void {
      prefill.value = next
      asked.value += 1
      isOpen.value = true
    },
    close(): void {
      isOpen.value = false
    },
  }
})
