/** Fields of the lines that are painted, read once for each, and how wide their columns must be. */
import { fieldsOf } from './fields.ts'
import type { Fields } from './fields.ts'
import type { LogLine } from './window-cache.ts'

/** Characters of the widest column; more of a value is cut, its title has it all. */
export const WIDEST = 28
const NARROWEST = 4
/** Room for the button that takes a column away, behind its name. */
const BUTTON = 3
/** From here on letters are as wide as two. */
const WIDE_FROM = 0x1100

const known = new WeakMap<LogLine, Fields>()

export function lineFields(line: LogLine): Fields {
  let fields = known.get(line)
  if (!fields) known.set(line, (fields = fieldsOf(line.text)))
  return fields
}

export function textWidth(text: string): number {
  let width = 0
  for (const char of text) width += (char.codePointAt(0) ?? 0) >= WIDE_FROM ? 2 : 1
  return width
}

/** Widths of columns after these lines were seen: they grow, so that nothing jumps while one scrolls. */
export function grownWidths(names: readonly string[], before: ReadonlyMap<string, number>, lines: Iterable<LogLine>): ReadonlyMap<string, number> {
  const widths = new Map(names.map((name) => [name, Math.max(before.get(name) ?? NARROWEST, Math.min(WIDEST, textWidth(name) + BUTTON))]))
  for (const line of lines) {
    const fields = lineFields(line)
    for (const name of names) widths.set(name, Math.max(widths.get(name) ?? 0, Math.min(WIDEST, textWidth(fields.get(name) ?? ''))))
  }
  const same = widths.size === before.size && [...widths].every(([name, width]) => before.get(name) === width)
  return same ? before : widths
}
