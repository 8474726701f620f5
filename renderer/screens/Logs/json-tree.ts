/** A JSON value as the rows of a tree, some of whose branches are folded. Pure. */

export interface TreeRow {
  /** Where it is, as code writes it: `items[0].sku`; empty for the whole. */
  readonly path: string
  /** Name in its object, place in its array; empty for the whole. */
  readonly key: string
  readonly depth: number
  readonly value: unknown
  readonly kind: 'object' | 'array' | 'string' | 'number' | 'word'
  /** What stands in its row: the value, or how a branch begins. */
  readonly text: string
  /** Members of a branch. */
  readonly count: number
  readonly open: boolean
}

/** More rows are not shown at once; copy has them all. */
const MOST_ROWS = 5_000
/** Branches this deep and deeper, or with more members, begin folded. */
const OPEN_DEPTH = 3
const OPEN_MEMBERS = 50
const NAME = /^[A-Za-z_$][\w$]*$/

/** The path of a member. */
export function pathOf(parent: string, key: string, inArray: boolean): string {
  if (inArray) return `${parent}[${key}]`
  return NAME.test(key) ? (parent === '' ? key : `${parent}.${key}`) : `${parent}[${JSON.stringify(key)}]`
}

const kindOf = (value: unknown): TreeRow['kind'] =>
  Array.isArray(value) ? 'array' : typeof value === 'object' && value !== null ? 'object' : typeof value === 'string' ? 'string' : typeof value === 'number' ? 'number' : 'word'

/** @param turned branches that are not as they begin: open ones folded, folded ones open. */
export function treeRows(value: unknown, turned: ReadonlySet<string>): TreeRow[] {
  const rows: TreeRow[] = []
  const add = (path: string, key: string, depth: number, item: unknown): void => {
    if (rows.length >= MOST_ROWS) return
    const kind = kindOf(item)
    const members = kind === 'array' || kind === 'object' ? Object.entries(item as object) : []
    const branch = members.length > 0
    const open = branch && (depth < OPEN_DEPTH && members.length <= OPEN_MEMBERS) !== turned.has(path)
    const empty = kind === 'array' ? '[]' : '{}'
    const text = branch ? (kind === 'array' ? '[…]' : '{…}') : kind === 'array' || kind === 'object' ? empty : (JSON.stringify(item) ?? 'null')
    rows.push({ path, key, depth, value: item, kind, text, count: members.length, open })
    if (open) for (const [name, inner] of members) add(pathOf(path, name, kind === 'array'), name, depth + 1, inner)
  }
  add('', '', 0, value)
  return rows
}

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')

/**
 * What a filter must have for lines with this value under this name: the text as the line has it, or a pattern between
 * slashes where the text alone would be in other values, too.
 */
export function filterTerm(line: string, { key, value }: Pick<TreeRow, 'key' | 'value'>): string {
  const shown = JSON.stringify(value) ?? 'null'
  const isPlace = /^\d+$/.test(key)
  const texts = isPlace || key === '' ? [shown] : [`${JSON.stringify(key)}:${shown}`, `${JSON.stringify(key)}: ${shown}`]
  // A number ends where it ends: 18 is no 184.
  if (typeof value === 'number' && !isPlace) return `/${escaped(JSON.stringify(key))}\\s*:\\s*${escaped(shown)}(?![\\d.])/`
  return texts.find((text) => line.includes(text)) ?? `/${isPlace || key === '' ? '' : `${escaped(JSON.stringify(key))}\\s*:\\s*`}${escaped(shown)}/`
}
