/** Links in a terminal: the program says where they lead and what is read in their place. Pure. */
import { webAddress } from '../../../../components/web-address.ts'

export interface TerminalLink {
  /** What would be opened, in printable ASCII; null for what is never opened. */
  readonly address: string | null
  /** What the program gave, for what is never opened. */
  readonly given: string
  /** What stands in the terminal. */
  readonly label: string
  /** The text is the address: nothing is to be asked. */
  readonly isPlain: boolean
}

/** A link of the program's own (OSC 8): any address under any text. */
export function readLink(given: string, label: string): TerminalLink {
  const address = webAddress(given)
  const text = label.trim()
  return { address, given, label: text, isPlain: address !== null && (text === address || (text === given && webAddress(text) === address && /^[\x21-\x7e]+$/.test(text))) }
}

/**
 * Addresses in the text itself, for xterm's add-on: characters of RFC 3986 alone, as in logs (Logs/links.ts). A host that
 * goes on in letters of another script is none, and punctuation at the end is of the sentence.
 */
export const PLAIN_ADDRESS = /https?:\/\/(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::\d+)?(?![\w.@:%-]|[^\x00-\x7f])(?:[/?#](?:[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=%]*[A-Za-z0-9\-_~/#@$&*+=%])?)?/i
