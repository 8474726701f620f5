/** Letters that act on the focused or open container, while nobody types: R run, L logs, F2 rename, Escape closes. */
import { onScopeDispose } from 'vue'
import type { ComputedRef } from 'vue'
import { useRouter } from 'vue-router'
import { useContainerActs } from '../../stores/container-acts.ts'
import { useRun } from '../../stores/run.ts'

interface Inputs {
  readonly openId: ComputedRef<string | null>
  close(): void
}

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || /^(input|textarea|select)$/i.test(target.tagName))

/** Call it in `setup`. */
export function useScreenKeys({ openId, close }: Inputs): void {
  const router = useRouter()
  const acts = useContainerActs()
  const runPanel = useRun()

  function act(event: KeyboardEvent): boolean {
    const row = event.target instanceof HTMLElement ? event.target.closest<HTMLElement>('[data-key]')?.dataset.key : undefined
    const id = row ?? openId.value
    if (event.key === 'r' || event.key === 'R') runPanel.open()
    else if (id && event.key.toLowerCase() === 'l') void router.replace({ name: 'containers', params: { id }, query: { tab: 'logs' } })
    else if (id && event.key === 'F2') acts.ask('rename', [id])
    else if (openId.value && event.key === 'Escape' && acts.selected.size === 0) close()
    else return false
    return true
  }

  function onKey(event: KeyboardEvent): void {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return
    // Inside a dialog, a menu or the log view the keys have other meanings.
    if (isTyping(event.target) || document.querySelector('[role=dialog],[role=menu],[role=listbox]')) return
    if (act(event)) event.preventDefault()
  }

  window.addEventListener('keydown', onKey)
  onScopeDispose(() => window.removeEventListener('keydown', onKey))
}
