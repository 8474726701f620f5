/** Addresses that may be opened outside. What is shown of one is what is opened, letter for letter. Pure. */

/** A longer one is no address anybody opens. */
export const LONGEST_ADDRESS = 2_000
const PRINTABLE = /^[\x21-\x7e]+$/

/**
 * The address as a browser takes it: http or https to a named host, without a name or password, of printable ASCII (a host of
 * other letters in punycode, everything else as `%XX`). Null for anything else: the shell would not hand it on either.
 */
export function webAddress(text: string): string | null {
  if (text.length > LONGEST_ADDRESS) return null
  try {
    const { protocol, hostname, username, password, href } = new URL(text)
    const isWeb = (protocol === 'http:' || protocol === 'https:') && hostname !== '' && username === '' && password === ''
    return isWeb && href.length <= LONGEST_ADDRESS && PRINTABLE.test(href) ? href : null
  } catch {
    return null
  }
}
