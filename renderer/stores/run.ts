/** Whether the run panel is open and what it begins with. The panel itself is screens/Run/RunPanel.vue. */
import { defineStore } from 'pinia'
import { ref, shallowRef } from 'vue'
import type { RunSpec } from '../../engine/contract/models.ts'

/** What the panel is filled with; the rest comes from the image. */
export interface RunPrefill {
  /** Reference or id of the image. */
  readonly image?: string
  readonly name?: string
  /** Everything at once, instead of the two above. */
  readonly spec?: RunSpec
  /** What the spec was made like, and which options it does not repeat. */
  readonly like?: { readonly name: string; readonly from: number; readonly to: number; readonly left: readonly string[] }
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
    /** The form no longer is what it was opened with. */
    forget(): void {
      prefill.value = {}
    },
    close(): void {
      isOpen.value = false
    },
  }
})
