/** Keys that work on every screen. */
import { onScopeDispose } from 'vue'
import { useRouter } from 'vue-router'
import { useUi } from '../stores/ui.ts'
import { SCREENS } from './nav.ts'

/** True for places where a letter is text. */
function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(input|textarea|select)$/i.test(target.tagName))
}

/** Ctrl/Cmd+K palette · Ctrl/Cmd+1…9 screens · Ctrl/Cmd+F or / the screen's search box. Call it in `setup` once. */
export function useShortcuts(): void {
  const ui = useUi()
  const router = useRouter()

  function onKey(event: KeyboardEvent): void {
    const mod = event.ctrlKey || event.metaKey
    if (event.altKey || event.isComposing) return
    if (mod && event.code === 'KeyK') ui.paletteOpen = !ui.paletteOpen
    else if (mod && /^Digit[1-9]$/.test(event.code)) {
      const screen = SCREENS[Number(event.code.slice(5)) - 1]
      if (screen) void router.push({ name: screen })
    } else if ((mod && event.code === 'KeyF') || (event.key === '/' && !mod && !isTyping(event.target))) {
      const box = document.querySelector<HTMLInputElement>('main input[data-search]')
      if (!box) return
      box.focus()
      box.select()
    } else return
    event.preventDefault()
  }

  window.addEventListener('keydown', onKey)
  onScopeDispose(() => window.removeEventListener('keydown', onKey))
}
