/** Where the command begins in what a person pasted: behind fences, comments and prompts. Pure. */

export type Dialect = 'sh' | 'powershell' | 'cmd'

export interface Start {
  readonly at: number
  /** End of what belongs to the paste; a closing fence is left out. */
  readonly end: number
  /** Known from the prompt. */
  readonly dialect?: Dialect
}

const POWERSHELL = /^[ \t]*PS(?:[ \t][^\n>]*)?>[ \t]*/
const CMD = /^[ \t]*[A-Za-z]:[\\/][^\n>]*>[ \t]*/
/** `$ `, `# `, `> `, `user@host:~$ `, `[root@host ~]# `, `(venv) $ `. */
const SH = /^[ \t]*(?:\([^)\n]*\)[ \t]*)?(?:[\w.-]+@[\w.-]+[^\n$#%>]*|\[[^\]\n]*\])?[ \t]*[$%>❯➜#][ \t]+/
/** `#` is the prompt of root when a command follows, else it begins a comment. */
const COMMAND = /(?:^|[\s/\\])(?:docker|podman)(?:\.exe)?[ \t]+(?:[-\\`^]|(?:container[ \t]+)?(?:run|create)\b)/

/** The first line that is neither blank nor a comment, behind its prompt. */
export function findStart(text: string): Start {
  const fence = /^\s*```[^\n]*\n/.exec(text)
  const closing = fence ? text.indexOf('\n```', fence[0].length) : -1
  const end = closing < 0 ? text.length : closing
  let at = fence?.[0].length ?? 0
  while (at < end) {
    const stop = text.indexOf('\n', at)
    const line = text.slice(at, stop < 0 || stop > end ? end : stop)
    const powershell = POWERSHELL.exec(line)
    if (powershell) return { at: at + powershell[0].length, end, dialect: 'powershell' }
    const cmd = CMD.exec(line)
    if (cmd) return { at: at + cmd[0].length, end, dialect: 'cmd' }
    const sh = SH.exec(line)
    if (sh && (!/^[ \t]*#/.test(line) || COMMAND.test(line))) return { at: at + sh[0].length, end, dialect: 'sh' }
    const comment = /^[ \t]*#/.test(line)
    if (!comment && line.trim() !== '') return { at: at + (/^[ \t]*/.exec(line)?.[0].length ?? 0), end }
    if (stop < 0 || stop >= end) break
    at = stop + 1
  }
  return { at: end, end }
}
