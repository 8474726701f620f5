/** Columns of fields in a log list: as wide as what was seen in them, so that nothing jumps while one scrolls. */
import { shallowRef } from 'vue'
import type { ShallowRef } from 'vue'
import { grownWidths } from './line-fields.ts'
import type { RowLook } from './painter.ts'
import type { LogLine } from './window-cache.ts'

export interface ColumnWidths {
  readonly widths: ShallowRef<ReadonlyMap<string, number>>
  look(): NonNullable<RowLook['columns']>
  /** After a painting; true when one grew and must be painted again. */
  fit(): boolean
  /** Lines in sight that are here. */
  seen(): Iterable<LogLine>
}

/** @param range rows in sight, `[from, to)` */
export function useColumnWidths(columns: () => readonly string[], range: () => readonly [number, number], line: (number: number) => LogLine | undefined): ColumnWidths {
  const widths = shallowRef<ReadonlyMap<string, number>>(new Map())
  function* seen(): Generator<LogLine> {
    const [from, to] = range()
    for (let number = from; number < to; number += 1) {
      const found = line(number)
      if (found) yield found
    }
  }
  return {
    widths,
    seen,
    look: () => columns().map((name) => ({ name, width: widths.value.get(name) ?? 0 })),
    fit() {
      const now = grownWidths(columns(), widths.value, columns().length > 0 ? seen() : [])
      if (now === widths.value) return false
      widths.value = now
      return true
    },
  }
}
