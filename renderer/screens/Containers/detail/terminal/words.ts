/** A terminal's choice as text and back. */
import { joinCommand, splitCommand } from '../../../../../engine/containers/run-command.ts'
import type { TerminalRow } from '../../../../../engine/contract/models.ts'
import type { TerminalChoice } from '../../../../stores/terminals.ts'

/** What the form holds. */
export interface ChoiceText {
  readonly command: string
  readonly user: string
  readonly workdir: string
  /** `NAME=value` lines. */
  readonly env: string
}

const linesOf = (text: string): string[] => text.split('\n').map((line) => line.trim()).filter(Boolean)

/** Lines that are no `NAME=value`. */
export const badEnv = (text: string): string[] => linesOf(text).filter((line) => !/^[^=\s]+=/.test(line))

/** Words of a command as a shell would read them; null while they are no command (nothing, an open quote). */
function wordsOf(command: string): string[] | null {
  try {
    const words = splitCommand(command)
    return words.length > 0 ? words : null
  } catch {
    return null
  }
}

/** Null while the text is no command. */
export function choiceOf({ command, user, workdir, env }: ChoiceText): TerminalChoice | null {
  const lines = linesOf(env)
  const words = wordsOf(command)
  return words && {
    command: words,
    ...(user.trim() && { user: user.trim() }),
    ...(workdir.trim() && { workdir: workdir.trim() }),
    ...(lines.length > 0 && { env: lines }),
  }
}

/** The docker command line that opens the same. */
export function execLine(name: string, { command, user, workdir, env = [] }: TerminalChoice): string {
  const flags = [...(user ? ['-u', user] : []), ...(workdir ? ['-w', workdir] : []), ...env.flatMap((line) => ['-e', line])]
  return joinCommand(['docker', 'exec', '-it', ...flags, name, ...command])
}

/** The docker command line of a terminal. */
export const lineOf = (name: string, terminal: TerminalChoice & { readonly kind: TerminalRow['kind'] }): string =>
  terminal.kind === 'attach' ? joinCommand(['docker', 'attach', name]) : execLine(name, terminal)

/** Short name of what runs: `bash`, `sh`, `top`. */
export const programOf = ({ command }: TerminalChoice): string => command[0]?.split('/').at(-1) || '?'

/** Short name of a terminal; `main` is what the main process is called. */
export const nameOf = (terminal: TerminalChoice & { readonly kind: TerminalRow['kind'] }, main: string): string =>
  terminal.kind === 'attach' ? main : programOf(terminal)
