/** Marks the found text inside painted rows through the CSS highlight registry: the rows' nodes stay as they are. */

const NAME = 'log-match'

/** Rows longer than this are not marked inside: the row's own mark is enough. */
const MAX_TEXT = 20_000

export interface Mark {
  readonly query: string
  readonly caseSensitive: boolean
  /** Whole words only, as engine/logs/match.ts finds them. */
  readonly word: boolean
}

const LETTER = /[\p{L}\p{N}_]/u
const isLetter = (char: string | undefined): boolean => char !== undefined && LETTER.test(char)

/** True when what stands at `[at, to)` does not go on beyond its ends. */
export function isWhole(text: string, at: number, to: number): boolean {
  return !(isLetter(text[at]) && isLetter(text[at - 1])) && !(isLetter(text[to - 1]) && isLetter(text[to]))
}

/** Ranges of every place `query` stands in below `body`. Plain text only: a pattern might take for ever here. */
function rangesOf(body: HTMLElement, { query, caseSensitive, word }: Mark): Range[] {
  const walker = document.createTreeWalker(body, NodeFilter.SHOW_TEXT)
  const nodes: { readonly node: Text; readonly start: number }[] = []
  let text = ''
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    nodes.push({ node: node as Text, start: text.length })
    text += node.nodeValue ?? ''
  }
  if (text.length > MAX_TEXT) return []
  const haystack = caseSensitive ? text : text.toLowerCase()
  const needle = caseSensitive ? query : query.toLowerCase()
  // A letter whose lower case is longer shifts the places behind it: then only the row is marked.
  if (haystack.length !== text.length) return []
  const ranges: Range[] = []
  for (let at = haystack.indexOf(needle); at >= 0; at = haystack.indexOf(needle, at + needle.length)) {
    if (word && !isWhole(text, at, at + needle.length)) continue
    const range = document.createRange()
    const from = nodes.findLast((each) => each.start <= at)
    const to = nodes.findLast((each) => each.start < at + needle.length)
    if (!from || !to) continue
    range.setStart(from.node, at - from.start)
    range.setEnd(to.node, at + needle.length - to.start)
    ranges.push(range)
  }
  return ranges
}

/** Marks of each log of this page: there is one registry for all of them. */
const marks = new Map<object, readonly Range[]>()

/** Replaces the marks of `owner`; an empty query takes them away. */
export function highlight(owner: object, bodies: Iterable<HTMLElement>, mark: Mark): void {
  if (!('highlights' in CSS) || (mark.query === '' && !marks.delete(owner))) return
  if (mark.query !== '') marks.set(owner, [...bodies].flatMap((body) => rangesOf(body, mark)))
  const ranges = [...marks.values()].flat()
  if (ranges.length === 0) CSS.highlights.delete(NAME)
  else CSS.highlights.set(NAME, new Highlight(...ranges))
}
