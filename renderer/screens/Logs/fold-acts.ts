/** Opens and folds stack traces of a log list: by pointer, by keys, and when somebody leads into one. */
import { LOG_INSIDE, LOG_UNFOLDED } from '../../../engine/contract/models.ts'
import type { LogRows } from '../../stores/logs.ts'
import type { LogLine } from './window-cache.ts'

export interface FoldActsOptions {
  readonly view: () => LogRows
  /** The line of a row when it is here. */
  readonly line: (number: number) => LogLine | undefined
  /** The row keys are about. */
  readonly row: () => number
}

export interface FoldActs {
  /** The row a click on a fold mark is about is opened or folded; false when it was on no mark. */
  click(target: Element | null): boolean
  /** Opens what is folded and folds what is open; `only`: nothing but that. False when the row is of no trace. */
  toggle(number: number, only?: 'open' | 'fold'): boolean
  /** What the keys of a log do; true when one was taken. */
  key(key: string): boolean
}

/** True for a row that begins a stack trace or is inside an opened one. */
export function isFoldable(line: LogLine | undefined): boolean {
  return line !== undefined && ((line.folds ?? 0) > 0 || (line.flags & LOG_INSIDE) !== 0)
}

export function foldActs({ view, line, row }: FoldActsOptions): FoldActs {
  function toggle(number: number, only?: 'open' | 'fold'): boolean {
    const rows = view()
    const found = line(number)
    if (!rows.folded || !found || !isFoldable(found)) return false
    const open = (found.folds ?? 0) > 0 && !(found.flags & LOG_UNFOLDED)
    if (only && (only === 'open') !== open) return false
    // A view that closed meanwhile tells so itself.
    rows.fold(number, open).catch(() => undefined)
    return true
  }
  return {
    toggle,
    click(target) {
      const mark = target?.closest('.log-fold, [data-fold] > .log-mark')
      const number = Number(mark?.closest<HTMLElement>('.log-row')?.dataset['line'] ?? Number.NaN)
      return !Number.isNaN(number) && toggle(number)
    },
    key(key) {
      if (key === 'z') return toggle(row())
      return (key === 'ArrowRight' && toggle(row(), 'open')) || (key === 'ArrowLeft' && toggle(row(), 'fold'))
    },
  }
}
