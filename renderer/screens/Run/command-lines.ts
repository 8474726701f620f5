/** The docker run line, one option per line, for reading. Pure; copying takes formatRunCommand. */
import { joinCommand, quoteWord, runCommandWords } from '../../../engine/containers/run-command.ts'
import type { RunSpec } from '../../../engine/contract/models.ts'

export interface CommandLine {
  /** `--name`, `-p`…; empty for the first and the last line. */
  readonly flag: string
  readonly text: string
}

/** Lines without the backslashes between them. A missing image is shown as `IMAGE`. */
export function commandLines(spec: RunSpec, verb: 'run' | 'create' = 'run'): CommandLine[] {
  const words = runCommandWords({ ...spec, image: spec.image || 'IMAGE' }, verb)
  const last = words.length - 1 - (spec.command?.length ?? 0)
  const lines: CommandLine[] = []
  let at = 2
  if (words[at] === '-d') at += 1
  lines.push({ flag: '', text: words.slice(0, at).join(' ') })
  while (at < last) {
    const flag = words[at] ?? ''
    const value = flag === '--rm' ? undefined : words[at + 1]
    lines.push({ flag, text: value === undefined ? '' : quoteWord(value) })
    at += value === undefined ? 1 : 2
  }
  lines.push({ flag: '', text: joinCommand(words.slice(last)) })
  return lines
}
