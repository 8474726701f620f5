/** How the containers of a merged log are told apart: colours, and names (ASCII, as engines have them) short enough for a column. Pure. */

/** Tokens `--c1` … `--c12`. */
export const COLOURS = 12
const ROUNDS = 3
/** Characters of the column. */
export const LABEL_MAX = 16

/** Place of a container's colour, and how often all of them were used up before; as `data-` attributes. */
export function coloursOf(index: number): { readonly source: string; readonly round: string } {
  return { source: String(index % COLOURS), round: String(Math.floor(index / COLOURS) % ROUNDS) }
}

/**
 * The names without what all of them begin with, up to a separator (`shop-web-1`, `shop-db-1`: the project says
 * nothing there); what is still too long loses its middle, the end of a name tells replicas apart.
 */
export function sourceLabels(names: readonly string[]): readonly string[] {
  const common = names.length > 1 ? commonStart(names) : 0
  return names.map((name) => shortened(name.slice(common)))
}

function commonStart(names: readonly string[]): number {
  const [first = ''] = names
  let length = 0
  while (length < first.length && names.every((name) => name[length] === first[length])) length += 1
  const start = first.slice(0, length).search(/[-_.][^-_.]*$/) + 1
  // No name may be left empty.
  return names.every((name) => name.length > start) ? start : 0
}

function shortened(name: string): string {
  if (name.length <= LABEL_MAX) return name
  const end = Math.floor((LABEL_MAX - 1) / 2)
  return `${name.slice(0, LABEL_MAX - 1 - end)}…${name.slice(-end)}`
}
