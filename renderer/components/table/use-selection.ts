/** Multi-selection as in a file manager: click, Ctrl/Cmd to add, Shift to extend from the last one. */
import { computed } from 'vue'
import type { ComputedRef } from 'vue'

export interface Selection {
  readonly all: ComputedRef<boolean | 'indeterminate'>
  has(key: string): boolean
  /** Adds or removes one. With `range` everything between the last one and `key` gets the same state. */
  toggle(key: string, range?: boolean): void
  toggleAll(): void
  clear(): void
}

export function useSelection(
  order: () => readonly string[],
  selected: () => ReadonlySet<string>,
  change: (next: ReadonlySet<string>) => void,
): Selection {
  let anchor: string | null = null

  const present = computed(() => {
    const keys = selected()
    return keys.size === 0 ? 0 : order().filter((key) => keys.has(key)).length
  })
  const all = computed<boolean | 'indeterminate'>(() => {
    if (present.value === 0) return false
    return present.value === order().length ? true : 'indeterminate'
  })

  function toggle(key: string, range = false): void {
    const next = new Set(selected())
    const on = !next.has(key)
    for (const each of range ? between(key) : [key]) {
      if (on) next.add(each)
      else next.delete(each)
    }
    anchor = key
    change(next)
  }

  function between(key: string): readonly string[] {
    const keys = order()
    const from = anchor === null ? -1 : keys.indexOf(anchor)
    const to = keys.indexOf(key)
    if (from < 0 || to < 0) return [key]
    return keys.slice(Math.min(from, to), Math.max(from, to) + 1)
  }

  return {
    all,
    has: (key) => selected().has(key),
    toggle,
    toggleAll: () => change(all.value === true ? new Set() : new Set(order())),
    clear: () => change(new Set()),
  }
}
