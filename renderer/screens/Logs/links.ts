/**
 * Addresses of the web in a log line. What is shown as a link is the address itself, letter for letter: nothing a log
 * prints can give it another label. Pure.
 */
import { LONGEST_ADDRESS, webAddress } from '../../components/web-address.ts'

export interface TextLink {
  /** Where it stands, `[from, to)`. */
  readonly from: number
  readonly to: number
  /** The text between, which is the address. */
  readonly url: string
}

/**
 * Characters of RFC 3986 alone: what is not ASCII (letters that look like others, marks that turn the direction of text,
 * spaces without width) ends an address, as do quotes, backslashes and angle brackets.
 */
const ADDRESS = /https?:\/\/[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=%]{1,2000}/gi
const ASCII = 0x7f
/** What closes a sentence or a quote around it. */
const CLOSING = new Set([...`.,;:!?'*_~`])
const PAIRS: Readonly<Record<string, string>> = { ')': '(', ']': '[' }
const LETTER = /[\p{L}\p{N}_]/u

const countOf = (text: string, char: string): number => text.split(char).length - 1

/** Without punctuation of the text around it; a bracket stays when its partner is in the address. */
function trimmed(address: string): string {
  let end = address.length
  for (; end > 0; end -= 1) {
    const last = address[end - 1] as string
    const opening = PAIRS[last]
    if (CLOSING.has(last)) continue
    if (opening === undefined) break
    const kept = address.slice(0, end)
    if (countOf(kept, last) <= countOf(kept, opening)) break
  }
  return address.slice(0, end)
}

/** A host that goes on in letters of another script is not the host it seems to be. */
const endsInHost = (address: string): boolean => !/^https?:\/\/[^/?#]*[/?#]/i.test(address)

/** All of a text, ascending. */
export function findLinks(text: string): TextLink[] {
  if (!text.includes('://')) return []
  const links: TextLink[] = []
  for (const match of text.matchAll(ADDRESS)) {
    const from = match.index
    if (from > 0 && LETTER.test(text[from - 1] as string)) continue
    const behind = text.charCodeAt(from + match[0].length)
    if (match[0].length >= LONGEST_ADDRESS || (behind > ASCII && endsInHost(match[0]))) continue
    const url = trimmed(match[0])
    if (webAddress(url) !== null) links.push({ from, to: from + url.length, url })
  }
  return links
}
