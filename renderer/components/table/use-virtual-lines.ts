/** Which lines of a table are drawn, and where. */
import { useVirtualizer } from '@tanstack/vue-virtual'
import type { Range, VirtualItem, Virtualizer } from '@tanstack/vue-virtual'
import { computed, watch } from 'vue'
import type { ComputedRef, Ref } from 'vue'
import type { TableLine } from './types.ts'
import { visibleRange } from './visible-range.ts'

/** Height of a group's head, pixels. */
const GROUP_HEIGHT = 30
/** Lines drawn beyond the window on either side. */
const OVERSCAN = 8

interface Painted<Row> {
  readonly item: VirtualItem
  readonly line: TableLine<Row>
  /** The group's head that stays at the top while its rows scroll by. */
  readonly stuck: boolean
}

interface VirtualLines<Row> {
  readonly virtual: Ref<Virtualizer<HTMLElement, Element>>
  readonly painted: ComputedRef<readonly Painted<Row>[]>
}

export function useVirtualLines<Row>(
  scroller: Ref<HTMLElement | null>,
  lines: ComputedRef<readonly TableLine<Row>[]>,
  rowHeight: () => number,
  focused: Ref<number>,
): VirtualLines<Row> {
  const isGroup = (index: number): boolean => lines.value[index]?.kind === 'group'
  // No keys: what the virtualizer measures is told by the position, and new keys would make it measure everything anew.
  const virtual = useVirtualizer<HTMLElement, Element>(
    computed(() => ({
      count: lines.value.length,
      getScrollElement: () => scroller.value,
      estimateSize: (index: number) => (isGroup(index) ? GROUP_HEIGHT : rowHeight()),
      overscan: OVERSCAN,
      rangeExtractor: (range: Range) => visibleRange(range, lines.value, focused.value),
    })),
  )
  // Sizes are cached by position: they are wrong once heads and rows change places.
  watch(
    () => lines.value.flatMap((line, index) => (line.kind === 'group' ? [index] : [])).join(),
    () => virtual.value.measure(),
  )
  const painted = computed(() => {
    const top = virtual.value.scrollOffset ?? 0
    const items = virtual.value.getVirtualItems()
    const stuck = items.findLast((item) => isGroup(item.index) && item.start <= top)?.index
    return items.flatMap((item) => {
      const line = lines.value[item.index]
      return line ? [{ item, line, stuck: item.index === stuck }] : []
    })
  })
  return { virtual, painted }
}
