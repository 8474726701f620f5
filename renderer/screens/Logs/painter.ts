/**
 * Paints log rows into a layer: a small pool of elements, each keeping its line while that line stays in sight (so a
 * selection survives), text as text nodes only. No framework here: at 50 000 lines/s every frame counts.
 */
import { parseAnsi } from '../../../engine/logs/ansi.ts'
import { LOG_CONTEXT, LOG_CUT, LOG_GAP, LOG_INSIDE, LOG_STDERR, LOG_UNFOLDED } from '../../../engine/contract/models.ts'
import { detectLevel } from '../../../engine/logs/level.ts'
import { lineFields, textWidth } from './line-fields.ts'
import { coloursOf } from './source-labels.ts'
import { nodesOfSpans } from './span-nodes.ts'
import type { LogLine } from './window-cache.ts'

/** More of one line is never painted at once; copy and save have it all. */
const MAX_PAINTED = 20_000

export interface RowLook {
  readonly time: (time: number) => string
  /** Name of a container when there are several; null: it needs none. */
  readonly source: ((index: number) => string) | null
  /** Text of a row that stands for missing lines. */
  readonly gap: (count: string) => string
  /** Note at the end of a line that is longer than can be painted, or was cut by the store. */
  readonly cut: string
  readonly marked: (line: number) => 'match' | 'current' | null
  readonly selected: (line: number) => boolean
  /** Fields before the text, each in a column of so many characters. */
  readonly columns?: readonly { readonly name: string; readonly width: number }[]
  /** Text of the mark of a stack trace of so many lines behind its first; null: traces are not folded here. */
  readonly fold?: ((lines: number, open: boolean) => string) | null
  /** True when a found line is folded away inside a row. */
  readonly inside?: (line: number) => boolean
  /** Changes when rows must be painted anew although their lines did not change. */
  readonly stamp: number
}

interface Row {
  readonly element: HTMLElement
  readonly time: HTMLElement
  readonly source: HTMLElement
  readonly body: HTMLElement
  readonly cells: HTMLElement
  /** Behind the text of the first line of a stack trace. */
  readonly fold: HTMLButtonElement
  line: LogLine | null
  stamp: number
}

export class Painter {
  readonly #layer: HTMLElement
  readonly #rows = new Map<number, Row>()
  readonly #spare: Row[] = []

  constructor(layer: HTMLElement) {
    this.#layer = layer
  }

  /** Shows `[from, to)` in order; a line that is not there yet leaves an empty row of its height. */
  paint(from: number, to: number, line: (number: number) => LogLine | undefined, look: RowLook): void {
    for (const [number, row] of this.#rows) if (number < from || number >= to) this.#release(number, row)
    let before: Element | null = this.#layer.firstElementChild
    for (let number = from; number < to; number += 1) {
      const row = this.#rows.get(number) ?? this.#take(number)
      if (row.element === before) before = before.nextElementSibling
      else this.#layer.insertBefore(row.element, before)
      fill(row, number, line(number), look)
    }
  }

  element(number: number): HTMLElement | undefined {
    return this.#rows.get(number)?.element
  }

  bodies(): IterableIterator<[number, Row]> {
    return this.#rows.entries()
  }

  #take(number: number): Row {
    const row = this.#spare.pop() ?? createRow()
    row.line = null
    row.stamp = -1
    row.element.dataset.line = String(number)
    this.#rows.set(number, row)
    return row
  }

  #release(number: number, row: Row): void {
    this.#rows.delete(number)
    row.element.remove()
    if (this.#spare.length < 200) this.#spare.push(row)
  }
}

function createRow(): Row {
  const element = document.createElement('div')
  element.className = 'log-row'
  const time = document.createElement('span')
  time.className = 'log-time'
  const body = document.createElement('span')
  body.className = 'log-text'
  // Its letter is drawn by the style sheet, so that it is neither selected nor copied.
  const level = document.createElement('span')
  level.className = 'log-level'
  const source = document.createElement('span')
  source.className = 'log-source'
  // Drawn by the style sheet as well; both are for the pointer, the keys of the log do the same.
  const mark = document.createElement('span')
  mark.className = 'log-mark'
  const fold = document.createElement('button')
  fold.type = 'button'
  fold.className = 'log-fold'
  fold.tabIndex = -1
  const cells = document.createElement('span')
  cells.className = 'log-cells'
  element.append(time, source, mark, level, cells, body)
  return { element, time, source, body, cells, fold, line: null, stamp: -1 }
}

function fill(row: Row, number: number, line: LogLine | undefined, look: RowLook): void {
  if (row.stamp === look.stamp && row.line === (line ?? null)) return
  row.stamp = look.stamp
  row.line = line ?? null
  const { classList } = row.element
  const mark = look.marked(number)
  classList.toggle('match', mark !== null)
  classList.toggle('current', mark === 'current')
  classList.toggle('selected', look.selected(number))
  classList.toggle('stderr', line !== undefined && (line.flags & LOG_STDERR) !== 0)
  classList.toggle('context', line !== undefined && (line.flags & LOG_CONTEXT) !== 0)
  const level = line && !(line.flags & LOG_GAP) ? detectLevel(line.text) : 'unknown'
  if (row.element.dataset.level !== level) row.element.dataset.level = level
  classList.toggle('gap', line !== undefined && (line.flags & LOG_GAP) !== 0)
  row.time.textContent = line ? look.time(line.time) : ''
  if (look.source) {
    Object.assign(row.element.dataset, coloursOf(line?.source ?? 0))
    row.source.textContent = line && !(line.flags & LOG_GAP) ? look.source(line.source) : ''
  }
  row.body.replaceChildren(...(line ? nodesOf(line, look) : []))
  row.cells.replaceChildren(...(line && !(line.flags & LOG_GAP) ? cellsOf(line, look.columns ?? []) : []))
  fillFold(row, number, line, look)
}

function cellsOf(line: LogLine, columns: NonNullable<RowLook['columns']>): HTMLElement[] {
  return columns.map(({ name, width }) => {
    const cell = document.createElement('span')
    const value = lineFields(line).get(name)
    cell.className = value === undefined ? 'log-cell none' : 'log-cell'
    cell.style.width = `${width}ch`
    cell.textContent = value ?? '–'
    if (value !== undefined && textWidth(value) > width) cell.title = value
    return cell
  })
}

function fillFold(row: Row, number: number, line: LogLine | undefined, look: RowLook): void {
  const { element, fold } = row
  element.classList.toggle('inside', Boolean(look.fold) && line !== undefined && (line.flags & LOG_INSIDE) !== 0)
  const lines = (look.fold && line?.folds) || 0
  if (lines === 0 || !look.fold) {
    if (element.dataset['fold']) delete element.dataset['fold']
    fold.remove()
    return
  }
  const open = ((line as LogLine).flags & LOG_UNFOLDED) !== 0
  element.dataset['fold'] = open ? 'open' : 'closed'
  fold.textContent = look.fold(lines, open)
  fold.setAttribute('aria-expanded', String(open))
  fold.classList.toggle('hit', !open && (look.inside?.(number) ?? false))
  element.append(fold)
}

function nodesOf(line: LogLine, look: RowLook): Node[] {
  if (line.flags & LOG_GAP) return [document.createTextNode(look.gap(line.text))]
  const long = line.text.length > MAX_PAINTED
  const { spans } = parseAnsi(long ? line.text.slice(0, MAX_PAINTED) : line.text)
  const nodes = nodesOfSpans(spans)
  if (long || line.flags & LOG_CUT) {
    const note = document.createElement('span')
    note.className = 'log-cut'
    note.textContent = look.cut
    nodes.push(note)
  }
  return nodes
}
