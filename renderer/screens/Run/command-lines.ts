/** The docker run line, one option per line, for reading and editing. Pure. */
import { joinCommand, quoteWord, runCommandWords } from '../../../engine/containers/run-command.ts'
import { findFlag, findShortFlag } from '../../../engine/containers/run-flags.ts'
import type { RunSpec } from '../../../engine/contract/models.ts'

export interface CommandLine {
  /** `--name`, `-p`…; empty for the first and the last line. */
  readonly flag: string
  readonly text: string
}

/** Lines without the backslashes between them; the last one is empty while there is no image. */
export function commandLines(spec: RunSpec, verb: 'run' | 'create' = 'run'): CommandLine[] {
  const words = runCommandWords(spec, verb)
  const last = words.length - 1 - (spec.command?.length ?? 0)
  const lines: CommandLine[] = []
  let at = 2
  if (/^-[dit]+$/.test(words[at] ?? '')) at += 1
  lines.push({ flag: '', text: words.slice(0, at).join(' ') })
  while (at < last) {
    const flag = words[at] ?? ''
    const value = takesValue(flag) ? words[at + 1] : undefined
    lines.push({ flag, text: value === undefined ? '' : quoteWord(value) })
    at += value === undefined ? 1 : 2
  }
  // A command without an image would be read as one.
  lines.push({ flag: '', text: spec.image === '' ? '' : joinCommand(words.slice(last)) })
  return lines
}

const takesValue = (flag: string): boolean => (flag.startsWith('--') ? findFlag(flag.slice(2)) : findShortFlag(flag.slice(1)))?.takesValue ?? false

/** The command as text to edit; empty while nothing was asked for. */
export function commandText(spec: RunSpec): string {
  const lines = commandLines(spec).map(({ flag, text }) => [flag, text].filter(Boolean).join(' ')).filter((text) => text !== '')
  return lines.length === 1 && spec.image === '' ? '' : lines.join(' \\\n  ')
}
