/** Keys of an NTable: one line has the focus; arrows move it, Space selects, Enter opens. */
import { computed, ref } from 'vue'
import type { ComputedRef, Ref } from 'vue'
import type { TableLine } from './types.ts'

interface Inputs<Row> {
  readonly lines: ComputedRef<readonly TableLine<Row>[]>
  isSelectable(): boolean
  /** Scrolls to the line and focuses it. */
  reveal(index: number): void
  open(row: Row): void
  remove(row: Row): void
  toggle(key: string, range?: boolean): void
  toggleAll(): void
  clear(): void
  toggleGroup(group: string): void
}

interface Keyboard {
  /** Line that has the focus or gets it on Tab. */
  readonly focusedIndex: Ref<number>
  tabIndexOf(index: number): 0 | -1
  onKey(event: KeyboardEvent): void
}

/** Lines a PageUp or PageDown moves. */
const PAGE = 12

export function useKeyboard<Row>(inputs: Inputs<Row>): Keyboard {
  const wished = ref(0)
  const focusedIndex = computed<number>({
    get: () => Math.max(0, Math.min(wished.value, inputs.lines.value.length - 1)),
    set: (index) => (wished.value = index),
  })

  function move(to: number, event: KeyboardEvent): void {
    const index = Math.max(0, Math.min(to, inputs.lines.value.length - 1))
    if (event.shiftKey && inputs.isSelectable()) {
      const line = inputs.lines.value[index]
      if (line?.kind === 'row') inputs.toggle(line.key)
    }
    focusedIndex.value = index
    inputs.reveal(index)
  }

  function target(event: KeyboardEvent): number | null {
    const at = focusedIndex.value
    switch (event.key) {
      case 'ArrowDown':
        return at + 1
      case 'ArrowUp':
        return at - 1
      case 'PageDown':
        return at + PAGE
      case 'PageUp':
        return at - PAGE
      case 'Home':
        return 0
      case 'End':
        return inputs.lines.value.length - 1
      default:
        return null
    }
  }

  function act(event: KeyboardEvent): boolean {
    const line = inputs.lines.value[focusedIndex.value]
    if (!line) return false
    if (line.kind === 'group') {
      if (event.key !== 'Enter' && event.key !== ' ') return false
      inputs.toggleGroup(line.group)
      return true
    }
    if (event.key === 'Enter') inputs.open(line.row)
    else if (event.key === ' ' && inputs.isSelectable()) inputs.toggle(line.key, event.shiftKey)
    else if (event.key === 'Delete') inputs.remove(line.row)
    else return false
    return true
  }

  function onKey(event: KeyboardEvent): void {
    const source = event.target as HTMLElement
    // Keys inside a row's own controls belong to them.
    if (!source.hasAttribute('data-line')) return
    const to = event.altKey ? null : target(event)
    if (to !== null) move(to, event)
    else if (event.key.toLowerCase() === 'a' && (event.ctrlKey || event.metaKey) && inputs.isSelectable()) inputs.toggleAll()
    else if (event.key === 'Escape') return inputs.clear()
    else if (event.ctrlKey || event.metaKey || event.altKey || !act(event)) return
    event.preventDefault()
  }

  return { focusedIndex, tabIndexOf: (index) => (index === focusedIndex.value ? 0 : -1), onKey }
}
