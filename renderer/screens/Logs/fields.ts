/** Named values in a log line: of JSON, and of logfmt (`level=info msg="x y"`). Pure. */
import { stripAnsi } from '../../../engine/logs/ansi.ts'
import { parseJsonLine } from '../../../engine/logs/level.ts'

/** Value by name; those of objects inside have names with dots. */
export type Fields = ReadonlyMap<string, string>

const NONE: Fields = new Map()
/** More of one line are not looked at. */
const MOST = 200
const DEEPEST = 5
const LONGEST_LINE = 64 * 1024
const PAIR = /(?:^|\s)([A-Za-z_@][\w.\-/@]{0,80})=("(?:[^"\\]|\\.){0,4000}"|[^\s"]{0,4000})(?=\s|$)/g

/** What a value looks like in one line: text as it is, all else as JSON has it. */
export function shortText(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
}

function flatten(value: Readonly<Record<string, unknown>>, prefix: string, depth: number, into: Map<string, string>): void {
  for (const [key, inner] of Object.entries(value)) {
    if (into.size >= MOST) return
    const name = `${prefix}${key}`
    if (typeof inner === 'object' && inner !== null && !Array.isArray(inner) && depth < DEEPEST) flatten(inner as Record<string, unknown>, `${name}.`, depth + 1, into)
    else into.set(name, shortText(inner))
  }
}

function unquoted(text: string): string {
  if (!text.startsWith('"')) return text
  try {
    return String(JSON.parse(text))
  } catch {
    return text.slice(1, -1)
  }
}

/** The fields of a line as it was printed; none when it is neither JSON nor logfmt (two pairs at least). */
export function fieldsOf(line: string): Fields {
  if (line.length > LONGEST_LINE || !/[{=]/.test(line)) return NONE
  const text = stripAnsi(line).trim()
  const json = text.startsWith('{') ? parseJsonLine(text) : null
  const found = new Map<string, string>()
  if (json) flatten(json, '', 1, found)
  else {
    for (const [, name, value] of text.matchAll(PAIR)) if (found.size < MOST) found.set(name as string, unquoted(value as string))
    if (found.size < 2) return NONE
  }
  return found
}

/** Names of the fields of some lines, the most frequent first, those of one frequency in the order they came. */
export function commonFields(lines: Iterable<Fields>, most: number): string[] {
  const counts = new Map<string, number>()
  for (const fields of lines) for (const name of fields.keys()) counts.set(name, (counts.get(name) ?? 0) + 1)
  return [...counts].sort(([, a], [, b]) => b - a).slice(0, most).map(([name]) => name)
}
