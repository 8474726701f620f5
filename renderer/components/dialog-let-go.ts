/**
 * A dialog remembers what had the focus when it opened, to give it back. reka-ui keeps it until it opens again, and with it
 * the whole screen it stood on, long after that was left. Stands in a `DialogRoot`, outside of what closes with it; shows nothing.
 */
import { injectDialogRootContext } from 'reka-ui'
import { defineComponent, onScopeDispose, watch } from 'vue'

/** Longer than any leaving animation: the focus is back by then. */
const AFTER_MS = 1_000

export const DialogLetGo = defineComponent({
  setup() {
    const { open, triggerElement } = injectDialogRootContext()
    let timer: ReturnType<typeof setTimeout> | undefined
    watch(open, (isOpen) => {
      clearTimeout(timer)
      if (!isOpen) timer = setTimeout(() => (triggerElement.value = undefined), AFTER_MS)
    })
    onScopeDispose(() => clearTimeout(timer))
    return () => null
  },
})
