/** Words of a shell line: quoting, joining and splitting as POSIX `sh` reads them. Pure; the renderer uses it too. */
import { NaruError } from '../contract/errors.ts'

/** Characters that mean nothing to `sh` anywhere in a word. */
const PLAIN = /^[A-Za-z0-9_@%+=:,./-]+$/

/** One word as `sh` must be given it: unchanged when harmless, else in single quotes. */
export function quoteWord(word: string): string {
  if (PLAIN.test(word)) return word
  return `'${word.replaceAll("'", `'\\''`)}'`
}

/** Words as one shell line; `splitCommand` gives the same words back. */
export function joinCommand(words: readonly string[]): string {
  return words.map(quoteWord).join(' ')
}

interface Scan {
  readonly text: string
  at: number
  /** Word being read; null between words, so that `''` still counts as one. */
  word: string | null
}

/**
 * Words of a line as a shell would pass them on: single and double quotes, backslashes, line continuations.
 * Nothing is expanded (`$HOME` stays as written).
 * @throws NaruError `invalid-request` with hint `unclosed-quote` or `trailing-backslash`
 */
export function splitCommand(text: string): string[] {
  const words: string[] = []
  const scan: Scan = { text, at: 0, word: null }
  while (scan.at < text.length) {
    const char = text.charAt(scan.at)
    scan.at++
    if (/\s/.test(char)) {
      if (scan.word !== null) words.push(scan.word)
      scan.word = null
    } else if (char === "'") readSingleQuoted(scan)
    else if (char === '"') readDoubleQuoted(scan)
    else if (char === '\\') readEscape(scan)
    else scan.word = (scan.word ?? '') + char
  }
  if (scan.word !== null) words.push(scan.word)
  return words
}

function readSingleQuoted(scan: Scan): void {
  const end = scan.text.indexOf("'", scan.at)
  if (end < 0) throw unclosed()
  scan.word = (scan.word ?? '') + scan.text.slice(scan.at, end)
  scan.at = end + 1
}

function readDoubleQuoted(scan: Scan): void {
  let word = scan.word ?? ''
  for (;;) {
    const char = scan.text.charAt(scan.at)
    if (char === '') throw unclosed()
    scan.at++
    if (char === '"') break
    const next = scan.text.charAt(scan.at)
    if (char === '\\' && next === '\n') scan.at++
    else if (char === '\\' && next !== '' && '"\\$`'.includes(next)) {
      word += next
      scan.at++
    } else word += char
  }
  scan.word = word
}

function readEscape(scan: Scan): void {
  const next = scan.text.charAt(scan.at)
  if (next === '') {
    throw new NaruError('invalid-request', 'the line ends with a backslash', { hint: 'trailing-backslash' })
  }
  scan.at++
  if (next === '\n') return
  if (next === '\r' && scan.text.charAt(scan.at) === '\n') {
    scan.at++
    return
  }
  scan.word = (scan.word ?? '') + next
}

function unclosed(): NaruError {
  return new NaruError('invalid-request', 'a quote is not closed', { hint: 'unclosed-quote' })
}
