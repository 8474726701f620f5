/**
 * `docker run` lines and RunSpecs, both ways, and what a spec is to the engine. Pure: the page uses it while the person
 * types. `parseRunCommand(formatRunCommand(spec))` gives `{spec}` back for every spec that a line can say.
 */
import type { RunSpec } from '../contract/models.ts'
import { readRunCommand } from './command/parse.ts'
import type { Unreadable } from './command/parse.ts'

export type { Verb } from './command/head.ts'
export { formatRunCommand, runCommandWords } from './command/format.ts'
export { readRunCommand } from './command/parse.ts'
export type { ReadCommand, Unreadable } from './command/parse.ts'
export type { CommandProblem } from './command/problem.ts'
export { toCreateRequest } from './create-body.ts'
export type { CreateRequest } from './create-body.ts'
export { fitsShortVolume } from './values/storage.ts'
export { joinCommand, quoteWord, splitCommand } from './words.ts'

/**
 * What a pasted `docker run`, `docker create` or `podman run` asks for, or every mistake with its place. A line that
 * does not detach gives `detach: false`; nothing of it is dropped.
 */
export function parseRunCommand(text: string): { readonly spec: RunSpec } | Unreadable {
  const read = readRunCommand(text)
  return 'errors' in read ? read : { spec: read.spec }
}
