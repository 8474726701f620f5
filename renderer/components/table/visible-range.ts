import type { Range } from '@tanstack/vue-virtual'
import type { TableLine } from './types.ts'

/** Indexes to draw: what is visible, the head of the group at the top, and the focused line wherever it is. */
export function visibleRange<Row>(range: Range, lines: readonly TableLine<Row>[], focused: number): number[] {
  const from = Math.max(0, range.startIndex - range.overscan)
  const to = Math.min(range.count - 1, range.endIndex + range.overscan)
  const wanted = new Set<number>()
  for (let index = from; index <= to; index += 1) wanted.add(index)
  for (let index = range.startIndex; index >= 0; index -= 1) {
    if (lines[index]?.kind !== 'group') continue
    wanted.add(index)
    break
  }
  if (focused >= 0 && focused < range.count) wanted.add(focused)
  return [...wanted].sort((a, b) => a - b)
}
