/** Keys of a log: single letters while it has the focus, as in a pager. */
import { onBeforeUnmount, onMounted } from 'vue'
import type { Ref } from 'vue'

/**
 * All keys of a log in the order they are told, each with the name of its words (`logs.keys.…`). Those of the list itself
 * (arrows, g, G, Enter) are LogList's; `o` belongs to the names of the containers.
 */
export const LOG_KEYS: readonly (readonly [keys: readonly string[], name: string])[] = [
  [['/'], 'search'],
  [['n', 'N'], 'step'],
  [['g', 'Home'], 'first'],
  [['G', 'End'], 'last'],
  [['↑', '↓', 'PgUp', 'PgDn'], 'move'],
  [['f'], 'follow'],
  [['F'], 'filter'],
  [[':'], 'jump'],
  [['Enter'], 'line'],
  [['z', '←', '→'], 'fold'],
  [['Z'], 'traces'],
  [['l'], 'link'],
  [['Esc'], 'close'],
  [['w'], 'wrap'],
  [['t'], 'times'],
  [['r'], 'reader'],
  [['o'], 'only'],
  [['s'], 'split'],
  [['F6'], 'other'],
  [['?'], 'keys'],
]

/** Call it in `setup`. @param escape acts when the key is of use, even while something is typed; false: it is not. */
export function useLogKeys(root: Ref<HTMLElement | null>, keys: Readonly<Record<string, () => void>>, escape: () => boolean): void {
  function onKey(event: KeyboardEvent): void {
    if (event.isComposing || event.defaultPrevented) return
    if (event.key === 'Escape') {
      if (!escape()) return
    } else {
      const typing = event.target instanceof HTMLElement && /^(input|textarea|select)$/i.test(event.target.tagName)
      const act = typing || event.ctrlKey || event.metaKey || event.altKey ? undefined : keys[event.key]
      if (!act) return
      act()
    }
    event.preventDefault()
    event.stopPropagation()
  }
  onMounted(() => root.value?.addEventListener('keydown', onKey))
  onBeforeUnmount(() => root.value?.removeEventListener('keydown', onKey))
}
