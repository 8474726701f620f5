/** What is wrong with a pasted command line, and where. Pure. */
import type { ErrorParams } from '../../contract/errors.ts'

/** `at` and `length` count characters (UTF-16) of the text as it was given. */
export interface CommandProblem {
  readonly at: number
  readonly length: number
  /** English; the interface has a sentence of its own for `hint`. */
  readonly message: string
  /** Key below `errors.hint.` in the catalogues. */
  readonly hint: string
  readonly params?: ErrorParams
}

/** One word of a line, with where each of its characters stood. */
export interface Word {
  readonly text: string
  readonly at: number
  readonly length: number
  /** Place in the source of each character of `text`. */
  readonly from: readonly number[]
}

/** Where the characters of a word from `start` to `end` stood. */
export function placeIn(word: Word, start = 0, end = word.text.length): { readonly at: number; readonly length: number } {
  if (start === 0 && end >= word.text.length) return { at: word.at, length: word.length }
  // Right behind the character before: an opening quote belongs to what it holds.
  const at = start === 0 ? word.at : (word.from[start - 1] ?? word.at) + 1
  const stop = end < word.text.length ? (word.from[end] ?? at) : word.at + word.length
  return { at, length: Math.max(1, stop - at) }
}
